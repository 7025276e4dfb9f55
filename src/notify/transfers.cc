#include "notify/transfers.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "async/socket_address.h"
#include "base/assert.h"

namespace lintel::notify {

namespace {

constexpr long kConnectTimeoutMs = 5'000;
constexpr long kPostTimeoutMs = 10'000;
constexpr long kMailTimeoutMs = 20'000;
/// Nobody reads answers; one that goes on beyond this is cut.
constexpr std::size_t kMaxAnswer = 64 * 1024;

/// One transfer with all that libcurl points to while it runs.
struct Transfer {
    Transfer(std::string name, const async::AddressRule* guard)
        : id(std::move(name)), rule(guard), easy(curl_easy_init()) {
        LINTEL_ASSERT(easy != nullptr, "libcurl gives handles");
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() {
        curl_easy_cleanup(easy);
        curl_slist_free_all(lines);
    }

    std::string id;
    const async::AddressRule* rule;
    CURL* easy;
    curl_slist* lines = nullptr;  ///< headers, or recipients
    std::string body = {};
    std::size_t sent = 0;
    std::size_t received = 0;
    std::string refusal = {};  ///< why an address was not connected to
    std::array<char, CURL_ERROR_SIZE> reason{};
};

curl_socket_t open_socket(void* transfer_pointer, curlsocktype /*purpose*/,
                          curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(transfer_pointer);
    sockaddr_storage storage{};
    std::memcpy(&storage, &address->addr, std::min<std::size_t>(address->addrlen, sizeof storage));
    const async::SocketAddress to = async::from_sockaddr(storage);
    const std::string_view refusal = async::refusal_for(*transfer.rule, to.address, to.port);
    if (!refusal.empty()) {
        transfer.refusal = fmt::format("{} is not called: {}", async::to_string(to), refusal);
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t drop_answer(char* /*data*/, std::size_t size, std::size_t count,
                        void* transfer_pointer) {
    auto& transfer = *static_cast<Transfer*>(transfer_pointer);
    transfer.received += size * count;
    return transfer.received <= kMaxAnswer ? size * count : 0;
}

std::size_t read_body(char* out, std::size_t size, std::size_t count, void* transfer_pointer) {
    auto& transfer = *static_cast<Transfer*>(transfer_pointer);
    const std::size_t part = transfer.body.copy(out, size * count, transfer.sent);
    transfer.sent += part;
    return part;
}

std::string error_of(const Transfer& transfer, CURLcode result, long status) {
    if (!transfer.refusal.empty()) { return transfer.refusal; }
    if (result == CURLE_OK) { return fmt::format("it was answered with {}", status); }
    return transfer.reason[0] != '\0' ? transfer.reason.data() : curl_easy_strerror(result);
}

/// `is_mail`: libcurl knows itself whether a server took it; the status is that of its last reply.
Outcome outcome_of(const Transfer& transfer, CURLcode result, bool is_mail) {
    Outcome outcome{.id = transfer.id};
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    // The head is there when an endless answer is cut.
    const bool is_cut = result == CURLE_WRITE_ERROR && transfer.received > kMaxAnswer;
    const bool is_good = is_mail ? result == CURLE_OK : status >= 200 && status < 300;
    outcome.status = status;
    outcome.delivered = is_good && (result == CURLE_OK || is_cut);
    if (!outcome.delivered) {
        outcome.error = error_of(transfer, is_cut ? CURLE_OK : result, status);
    }
    return outcome;
}

}  // namespace

struct Transfers::State {
    explicit State(TransferSettings given) : settings(std::move(given)) {
        LINTEL_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl begins");
        multi = curl_multi_init();
        LINTEL_ASSERT(multi != nullptr, "libcurl gives handles");
    }
    ~State() {
        for (const auto& [easy, transfer] : under_way) {
            curl_multi_remove_handle(multi, easy);
        }
        under_way.clear();
        curl_multi_cleanup(multi);
        curl_global_cleanup();
    }

    /// What both kinds have in common. Nothing of the environment (proxies, .netrc) has a say.
    void prepare(Transfer& transfer, const char* protocols, long timeout_ms) const {
        CURL* const easy = transfer.easy;
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.reason.data());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
        // A connection that is used again would not be judged again.
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_answer);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
        if (!settings.authorities.empty()) {
            curl_easy_setopt(easy, CURLOPT_CAINFO, settings.authorities.c_str());
        }
    }

    void start(std::unique_ptr<Transfer> transfer) {
        CURL* const easy = transfer->easy;
        under_way.emplace(easy, std::move(transfer));
        curl_multi_add_handle(multi, easy);
    }

    TransferSettings settings;
    CURLM* multi = nullptr;
    std::map<CURL*, std::unique_ptr<Transfer>> under_way;
};

Transfers::Transfers(TransferSettings settings)
    : state_(std::make_unique<State>(std::move(settings))) {}

Transfers::~Transfers() = default;

std::size_t Transfers::size() const {
    return state_->under_way.size();
}

void Transfers::wake() {
    curl_multi_wakeup(state_->multi);
}

void Transfers::post(const std::string& id, HttpPost request) {
    auto transfer = std::make_unique<Transfer>(id, &state_->settings.rule);
    CURL* const easy = transfer->easy;
    state_->prepare(*transfer, "http,https", kPostTimeoutMs);
    transfer->body = std::move(request.body);
    // Without it, libcurl would wait for leave to send a larger body.
    transfer->lines = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : request.headers) {
        transfer->lines =
            curl_slist_append(transfer->lines, fmt::format("{}: {}", name, value).c_str());
    }
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, state_->settings.user_agent.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->lines);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(transfer->body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body.c_str());
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer.get());
    state_->start(std::move(transfer));
}

void Transfers::mail(const std::string& id, const MailServer& server, const std::string& to,
                     std::string message) {
    auto transfer = std::make_unique<Transfer>(id, nullptr);
    CURL* const easy = transfer->easy;
    state_->prepare(*transfer, "smtp,smtps", kMailTimeoutMs);
    transfer->body = std::move(message);
    transfer->lines = curl_slist_append(nullptr, to.c_str());
    curl_easy_setopt(easy, CURLOPT_URL, server.url.c_str());
    const bool needs_tls = server.starttls || server.url.starts_with("smtps:");
    curl_easy_setopt(easy, CURLOPT_USE_SSL, needs_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
    if (!server.user.empty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, server.user.c_str());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, std::string(server.password.reveal()).c_str());
    }
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, server.from.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->lines);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer.get());
    state_->start(std::move(transfer));
}

std::vector<Outcome> Transfers::wait(std::chrono::milliseconds longest) {
    int running = 0;
    curl_multi_perform(state_->multi, &running);
    curl_multi_poll(state_->multi, nullptr, 0, static_cast<int>(longest.count()), nullptr);
    curl_multi_perform(state_->multi, &running);
    std::vector<Outcome> outcomes;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(state_->multi, &left)) {
        if (message->msg != CURLMSG_DONE) { continue; }
        CURL* const easy = message->easy_handle;
        const CURLcode result = message->data.result;
        const auto found = state_->under_way.find(easy);
        const Transfer& transfer = *found->second;
        outcomes.push_back(outcome_of(transfer, result, transfer.rule == nullptr));
        curl_multi_remove_handle(state_->multi, easy);
        state_->under_way.erase(found);
    }
    return outcomes;
}

}  // namespace lintel::notify
