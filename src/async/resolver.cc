#include "async/resolver.h"

#include <ares.h>
#include <fmt/core.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "async/waiter.h"
#include "base/text.h"

namespace lintel::async {
namespace {

using Time = std::chrono::steady_clock::time_point;

struct Answer {
    Addresses addresses;  ///< null when the name could not be resolved
    std::string cause;
    std::chrono::milliseconds ttl{0};
};

/// One coroutine that waits for a name. Shared, because it may give up first.
struct Question {
    explicit Question(Loop& asking) : loop(asking), waiter(asking) {}
    Loop& loop;
    Waiter waiter;  ///< touched on the loop only
    Answer answer;
};

struct CachedName {
    Addresses addresses;
    Time fresh_until;
    Time usable_until;
    bool asking = false;
    std::vector<std::shared_ptr<Question>> waiting;
};

IpAddress address_of(const sockaddr& from) {
    if (from.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    IpAddress::Bytes bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return IpAddress::from_bytes(bytes);
}

Answer answer_of(int status, const ares_addrinfo* found) {
    Answer answer;
    std::vector<IpAddress> addresses;
    int ttl_s = 0;
    for (const ares_addrinfo_node* node = found != nullptr ? found->nodes : nullptr;
         node != nullptr; node = node->ai_next) {
        const IpAddress address = address_of(*node->ai_addr);
        if (std::ranges::find(addresses, address) != addresses.end()) { continue; }
        ttl_s = addresses.empty() ? node->ai_ttl : std::min(ttl_s, node->ai_ttl);
        addresses.push_back(address);
    }
    if (addresses.empty()) {
        answer.cause = ares_strerror(status == ARES_SUCCESS ? ARES_ENODATA : status);
        return answer;
    }
    // IPv4 first: a host without an IPv6 route should not pay for trying.
    std::ranges::sort(addresses, [](const IpAddress& left, const IpAddress& right) {
        return left.is_v4() && !right.is_v4();
    });
    answer.addresses = std::make_shared<const std::vector<IpAddress>>(std::move(addresses));
    answer.ttl = std::chrono::seconds(ttl_s);
    return answer;
}

std::optional<std::vector<IpAddress>> without_asking(std::string_view name) {
    if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
        name = name.substr(1, name.size() - 2);
    }
    if (const auto literal = IpAddress::parse(name)) { return std::vector{*literal}; }
    std::string lower = to_lower(name);
    if (lower.ends_with('.')) { lower.pop_back(); }
    if (lower == "localhost" || lower.ends_with(".localhost")) {
        // RFC 6761 section 6.3: never asked from a name server.
        return std::vector{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")};
    }
    return std::nullopt;
}

}  // namespace

class Resolver::State {
public:
    State(Options options, ares_channel channel, int bell)
        : options_(std::move(options)), channel_(channel), bell_(bell) {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~State() {
        thread_.request_stop();
        ring();
        thread_.join();
        ares_destroy(channel_);
        ::close(bell_);
    }

    /// The cached addresses, or null after the question was put in line.
    Result<Addresses> ask(const std::string& name, const std::shared_ptr<Question>& question) {
        const Time now = std::chrono::steady_clock::now();
        bool wake = false;
        Addresses usable;
        {
            const std::scoped_lock lock(mutex_);
            auto known = names_.find(name);
            if (known == names_.end()) {
                if (names_.size() >= options_.max_names && !forget_one(now)) {
                    return fail(Code::BackendResolve, "too many names are being resolved");
                }
                known = names_.try_emplace(name).first;
            }
            CachedName& cached = known->second;
            if (now < cached.usable_until) { usable = cached.addresses; }
            if (!cached.asking && (!usable || now >= cached.fresh_until)) {
                cached.asking = true;
                to_ask_.push_back(name);
                wake = true;
            }
            // A stale answer serves while the fresh one is on its way.
            if (!usable) { cached.waiting.push_back(question); }
        }
        if (wake) { ring(); }
        return usable;
    }

private:
    struct Pending {
        State* state;
        std::string name;
    };

    void ring() const {
        const std::uint64_t once = 1;
        [[maybe_unused]] const ssize_t put = ::write(bell_, &once, sizeof once);
    }

    bool forget_one(Time now) {
        const auto old = std::ranges::find_if(names_, [now](const auto& entry) {
            return !entry.second.asking && now >= entry.second.fresh_until;
        });
        if (old == names_.end()) { return false; }
        names_.erase(old);
        return true;
    }

    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            send_questions();
            std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
            const int wanted = ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM);
            std::vector<pollfd> polls{{.fd = bell_, .events = POLLIN, .revents = 0}};
            for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
                short events = 0;
                if (ARES_GETSOCK_READABLE(wanted, i)) { events |= POLLIN; }
                if (ARES_GETSOCK_WRITABLE(wanted, i)) { events |= POLLOUT; }
                if (events != 0) { polls.push_back({sockets[i], events, 0}); }
            }
            timeval longest{.tv_sec = 60, .tv_usec = 0};
            timeval wait{};
            const timeval* until = ares_timeout(channel_, &longest, &wait);
            const auto wait_ms = static_cast<int>(until->tv_sec * 1000 + until->tv_usec / 1000 + 1);
            ::poll(polls.data(), polls.size(), wait_ms);
            std::uint64_t rung = 0;
            [[maybe_unused]] const ssize_t got = ::read(bell_, &rung, sizeof rung);
            handle(polls);
        }
    }

    void handle(const std::vector<pollfd>& polls) {
        bool any = false;
        for (std::size_t i = 1; i < polls.size(); ++i) {
            const short events = polls[i].revents;
            if (events == 0) { continue; }
            any = true;
            const bool failed = (events & (POLLERR | POLLHUP)) != 0;
            ares_process_fd(channel_,
                            failed || (events & POLLIN) != 0 ? polls[i].fd : ARES_SOCKET_BAD,
                            (events & POLLOUT) != 0 ? polls[i].fd : ARES_SOCKET_BAD);
        }
        if (!any) { ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); }
    }

    void send_questions() {
        std::vector<std::string> names;
        {
            const std::scoped_lock lock(mutex_);
            names.swap(to_ask_);
        }
        for (const std::string& name : names) {
            ares_addrinfo_hints hints{};
            hints.ai_family = AF_UNSPEC;
            hints.ai_socktype = SOCK_STREAM;
            ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &State::answered,
                             new Pending{this, name});
        }
    }

    static void answered(void* context, int status, int, ares_addrinfo* found) {
        const std::unique_ptr<Pending> pending(static_cast<Pending*>(context));
        const Answer answer = answer_of(status, found);
        if (found != nullptr) { ares_freeaddrinfo(found); }
        if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) { return; }
        pending->state->keep(pending->name, answer);
    }

    void keep(const std::string& name, const Answer& answer) {
        std::vector<std::shared_ptr<Question>> waiting;
        const Time now = std::chrono::steady_clock::now();
        {
            const std::scoped_lock lock(mutex_);
            CachedName& cached = names_[name];
            cached.asking = false;
            waiting.swap(cached.waiting);
            if (answer.addresses) {
                cached.addresses = answer.addresses;
                cached.fresh_until =
                    now + std::clamp(answer.ttl, options_.ttl_floor, options_.ttl_ceiling);
                cached.usable_until = cached.fresh_until + options_.keep_last_good;
            } else {
                // The last good answer serves on; the question is put again after the floor.
                cached.fresh_until = now + options_.ttl_floor;
            }
        }
        for (std::shared_ptr<Question>& question : waiting) {
            question->answer = answer;
            Loop& loop = question->loop;
            loop.post([question = std::move(question)] { question->waiter.wake(); });
        }
    }

    const Options options_;
    ares_channel channel_;  ///< used by the thread only
    int bell_;
    std::mutex mutex_;
    std::unordered_map<std::string, CachedName> names_;
    std::vector<std::string> to_ask_;
    std::jthread thread_;
};

Result<std::unique_ptr<Resolver>> Resolver::open(Options options) {
    // The library's global state is counted: every open is paired with the destructor's clean-up.
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        return fail(Code::StartFailed, "the name resolver cannot be set up");
    }
    ares_options settings{};
    settings.timeout = 1000;
    settings.tries = 2;
    ares_channel channel = nullptr;
    const int status = ares_init_options(&channel, &settings, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status != ARES_SUCCESS) {
        ares_library_cleanup();
        return fail(Code::StartFailed, "the name resolver cannot be set up", ares_strerror(status));
    }
    if (!options.servers.empty() &&
        ares_set_servers_ports_csv(channel, options.servers.c_str()) != ARES_SUCCESS) {
        ares_destroy(channel);
        ares_library_cleanup();
        return fail(Code::StartFailed, "the list of name servers is not valid");
    }
    const int bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (bell < 0) {
        ares_destroy(channel);
        ares_library_cleanup();
        return fail(Code::StartFailed, "no event counter can be opened", std::strerror(errno));
    }
    return std::unique_ptr<Resolver>(
        new Resolver(std::make_unique<State>(std::move(options), channel, bell)));
}

Resolver::Resolver(std::unique_ptr<State> state) : state_(std::move(state)) {}

Resolver::~Resolver() {
    state_.reset();
    ares_library_cleanup();
}

Task<Result<Addresses>> Resolver::resolve(Loop& loop, std::string name, Deadline deadline) {
    if (auto known = without_asking(name)) {
        co_return std::make_shared<const std::vector<IpAddress>>(*std::move(known));
    }
    const auto question = std::make_shared<Question>(loop);
    ASSIGN_OR_CO_RETURN(Addresses cached, state_->ask(to_lower(name), question));
    if (cached) { co_return cached; }
    const int ended = co_await question->waiter.until(deadline);
    if (ended == -ETIMEDOUT) {
        co_return fail(Code::BackendTimeout, fmt::format("resolving '{}' took too long", name));
    }
    if (!question->answer.addresses) {
        co_return fail(Code::BackendResolve, fmt::format("'{}' could not be resolved", name),
                       question->answer.cause);
    }
    co_return question->answer.addresses;
}

}  // namespace lintel::async
