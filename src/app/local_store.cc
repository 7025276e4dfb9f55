#include "app/local_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "app/catalogue.h"
#include "app/local_file.h"

namespace lintel::app {

namespace {

namespace fs = std::filesystem;

Error cannot_use(const fs::path& directory, const std::string& reason) {
    return {.code = Code::StartFailed,
            .message = fmt::format(
                "The data directory '{}' cannot be used: {}\n  Give its user the right to write "
                "there, or name another directory with --data.",
                directory.string(), reason)};
}

/// Of the first listener that has one.
std::uint16_t call_port(const Settings& settings) {
    constexpr std::uint16_t kUsualPort = 8080;
    const std::vector<ListenEntry> listeners = settings.listeners("listen");
    const auto found = std::ranges::find_if_not(
        listeners, [](const ListenEntry& entry) { return entry.address.is_unix(); });
    return found == listeners.end() ? kUsualPort : found->address.ip.port;
}

}  // namespace

Status make_data_directory(const Settings& settings) {
    const fs::path directory(settings.text("data"));
    std::error_code error;
    const bool made = fs::create_directories(directory, error);
    if (error) { return fail(cannot_use(directory, error.message())); }
    if (made) {
        // Keys, credentials and passwords lie here: nobody else's business.
        fs::permissions(directory, fs::perms::owner_all, error);
    }
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
        return fail(cannot_use(directory, std::strerror(errno)));
    }
    return {};
}

Result<std::optional<sql::Server>> store_server(const Settings& settings) {
    const std::string& url = settings.text("store");
    if (url.empty()) { return std::nullopt; }
    sql::Server server{.url = Secret(url)};
    const std::string& file = settings.text("store_password_file");
    if (!file.empty()) {
        const auto password = read_secret_file(file);
        if (!password) {
            return fail(Code::ConfigInvalid, "store_password_file: " + password.error().message);
        }
        server.password = *password;
    }
    return server;
}

Result<OpenedStore> open_store(const Settings& settings, const Clock& clock) {
    const fs::path directory(settings.text("data"));
    RETURN_IF_ERROR(make_data_directory(settings));
    store::Place place{.directory = directory};
    ASSIGN_OR_RETURN(place.server, store_server(settings));
    const std::string& named = settings.text("master_key_file");
    const fs::path key_file = named.empty() ? directory / "master.key" : fs::path(named);
    ASSIGN_OR_RETURN(const bool exists, store::Store::exists(place, clock));
    const crypto::KeyFile missing =
        exists ? crypto::KeyFile::MustExist : crypto::KeyFile::MayCreate;
    ASSIGN_OR_RETURN(crypto::MasterKey key, crypto::MasterKey::open(key_file, missing));
    OpenedStore opened;
    opened.key = std::make_unique<crypto::MasterKey>(std::move(key));
    ASSIGN_OR_RETURN(opened.store, store::Store::open(place, *opened.key, clock));
    return opened;
}

management::Settings management_settings(const Settings& settings) {
    std::string call_base = settings.text("call_base");
    if (call_base.empty()) { call_base = fmt::format("http://localhost:{}", call_port(settings)); }
    return {.import_max_bytes = static_cast<std::size_t>(settings.integer("import.max_bytes")),
            .session_life = settings.duration("session.life"),
            .token_life = settings.duration("token.life"),
            .token_life_max = settings.duration("token.life_max"),
            .forbid_own_approvals = settings.flag("approvals.forbid_own"),
            .call_base = std::move(call_base),
            .mail = !settings.text("smtp.url").empty(),
            .admin_url = settings.text("admin.url")};
}

class LocalManagement::NoDataPlane final : public management::Publisher {
public:
    Status check(const management::Candidate& /*candidate*/) override { return {}; }
    Status check(const model::Upstream& /*upstream*/) override { return {}; }
    Result<management::DebugAnswer> debug(const management::DebugCall& /*call*/) override {
        return fail(Code::StateConflict, "There is no data plane in this process.");
    }
    std::uint64_t refresh(const management::Change& /*change*/) override { return 0; }
    std::uint64_t revision() const override { return 0; }
    std::optional<management::UpstreamHealth> health(
        const model::UpstreamId& /*id*/) const override {
        return std::nullopt;
    }
};

LocalManagement::LocalManagement(management::Kinds kinds, OpenedStore store)
    : kinds_(std::move(kinds)),
      opened_(std::move(store)),
      passwords_(*opened_.key),
      publisher_(std::make_unique<NoDataPlane>()) {}

LocalManagement::~LocalManagement() = default;

Result<std::unique_ptr<LocalManagement>> LocalManagement::open(const Settings& settings) {
    ASSIGN_OR_RETURN(management::Kinds kinds, management::Kinds::build(kind_infos(catalogue())));
    const SystemClock clock;
    ASSIGN_OR_RETURN(OpenedStore store, open_store(settings, clock));
    std::unique_ptr<LocalManagement> local(new LocalManagement(std::move(kinds), std::move(store)));
    local->management_ = std::make_unique<management::Management>(
        management::Management{.store = *local->opened_.store,
                               .publisher = *local->publisher_,
                               .clock = local->clock_,
                               .kinds = local->kinds_,
                               .guard = local->guard_,
                               .settings = management_settings(settings)});
    return local;
}

}  // namespace lintel::app
