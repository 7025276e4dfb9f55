#include "gateway/upstream/health_checker.h"

#include <fmt/core.h>

#include "async/waiter.h"
#include "base/log.h"

namespace lintel::gateway {
namespace {

/// How a check ended, as operators read it.
struct Outcome {
    bool good = false;
    std::string how;
};

Outcome failed(const Error& error) {
    return {.good = false,
            .how = error.cause.empty() ? error.message
                                       : fmt::format("{} ({})", error.message, error.cause)};
}

}  // namespace

/// The checks of one server.
class HealthChecker::Watch {
public:
    Watch(HealthChecker& of, const Upstream& upstream, const UpstreamServer& server)
        : checker_(of),
          name_(upstream.name),
          address_(server.address),
          origin_(*server.check_origin),
          check_(*upstream.active),
          state_(server.state) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        task_.reset();
        state_->forget_checks();
    }

    /// Begins to ask, unless it does already.
    void start() {
        if (!task_.empty()) { return; }
        task_ = run();
        task_.start();
    }
    bool asks_the_same(const Upstream& upstream, const UpstreamServer& server) const {
        return check_ == *upstream.active && origin_.key == server.check_origin->key &&
               state_ == server.state;
    }

private:
    Task<void> run() {
        async::Loop& loop = *checker_.loop_;
        while (true) {
            const Outcome outcome = co_await ask();
            note(outcome);
            async::Waiter pause(loop);
            co_await pause.until(loop.after(check_.interval));
        }
    }

    void note(const Outcome& outcome) {
        const bool turned = state_->note_check(check_.thresholds, outcome.good, outcome.how,
                                               checker_.loop_->now_ms());
        if (!turned) { return; }
        log::warn(outcome.good ? "a server of an upstream is well again"
                               : "a server of an upstream does not pass its checks",
                  {{"upstream", name_}, {"server", address_}, {"check", outcome.how}});
    }

    Task<Outcome> ask() {
        if (check_.type == ActiveCheck::Type::Http) { co_return co_await ask_by_http(); }
        const async::Deadline until = checker_.loop_->after(check_.timeout);
        const auto connected =
            co_await checker_.connector_.connect(origin_.host, origin_.port, until);
        if (!connected) { co_return failed(connected.error()); }
        co_return Outcome{.good = true, .how = "connected"};
    }

    Task<Outcome> ask_by_http() {
        const http::OutgoingRequest request{.method = check_.method,
                                            .path = check_.path,
                                            .query = check_.query,
                                            .host = check_.host};
        const http::CallTimeouts timeouts{
            .connect = check_.timeout, .answer = check_.timeout, .body_idle = check_.timeout};
        const auto answer = co_await checker_.clients_.call(origin_, request, timeouts);
        if (!answer) { co_return failed(answer.error()); }
        const int status = (*answer)->head.status;
        if (check_.statuses.contains(status)) {
            co_return Outcome{.good = true, .how = fmt::format("answered {}", status)};
        }
        co_return Outcome{.good = false,
                          .how = fmt::format("answered {}, which is not expected", status)};
    }

    HealthChecker& checker_;
    std::string name_;
    std::string address_;
    http::Origin origin_;
    ActiveCheck check_;
    std::shared_ptr<ServerState> state_;
    Task<void> task_;
};

Result<std::unique_ptr<HealthChecker>> HealthChecker::open(async::Resolver& resolver,
                                                           async::AddressRule rule,
                                                           http::ClientOptions options) {
    ASSIGN_OR_RETURN(auto loop, async::Loop::open());
    // A check that went over a kept connection would not tell whether new ones can be made.
    options.limits.idle = 0;
    return std::unique_ptr<HealthChecker>(
        new HealthChecker(std::move(loop), resolver, std::move(rule), std::move(options)));
}

HealthChecker::HealthChecker(std::unique_ptr<async::Loop> loop, async::Resolver& resolver,
                             async::AddressRule rule, http::ClientOptions options)
    : loop_(std::move(loop)),
      connector_(*loop_, resolver, std::move(rule)),
      clients_(*loop_, connector_, std::move(options)) {}

HealthChecker::~HealthChecker() = default;

void HealthChecker::start() {
    thread_ = std::thread([this] { loop_->run(); });
}

void HealthChecker::install(std::shared_ptr<const UpstreamTable> upstreams) {
    loop_->post([this, table = std::move(upstreams)] { take(*table); });
}

void HealthChecker::stop() {
    if (!thread_.joinable()) { return; }
    // What the checks hold goes on the thread that made it.
    loop_->post([this] {
        watches_.clear();
        loop_->stop();
    });
    thread_.join();
}

void HealthChecker::take(const UpstreamTable& upstreams) {
    std::map<Key, std::unique_ptr<Watch>> wanted;
    for (const auto& upstream : upstreams.by_slot()) {
        if (upstream == nullptr || !upstream->active) { continue; }
        for (const UpstreamServer& server : upstream->servers) {
            if (!server.enabled) { continue; }
            Key key{upstream->id, server.address};
            const auto running = watches_.find(key);
            if (running != watches_.end() && running->second->asks_the_same(*upstream, server)) {
                wanted.insert(watches_.extract(running));
                continue;
            }
            // An old watch forgets what it found out, so it goes before the new one begins.
            watches_.erase(key);
            wanted.emplace(std::move(key), std::make_unique<Watch>(*this, *upstream, server));
        }
    }
    watches_.swap(wanted);
    wanted.clear();
    for (const auto& [key, watch] : watches_) {
        watch->start();
    }
}

}  // namespace lintel::gateway
