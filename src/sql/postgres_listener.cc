#include "sql/postgres_listener.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include "base/assert.h"

namespace lintel::sql {

namespace {

class PostgresListener final : public Listener {
public:
    explicit PostgresListener(std::shared_ptr<PostgresServer> server)
        : session_(std::move(server)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        LINTEL_ASSERT(wake_ >= 0, "there is a descriptor for an event");
    }
    ~PostgresListener() override { ::close(wake_); }

    void wait(std::chrono::milliseconds longest) override {
        if (!session_.is_open()) {
            const bool listens = session_.open() && session_.execute("LISTEN lintel_changes");
            if (listens) { return; }
            session_.close();
        }
        // Without a connection only the time and an interruption end it.
        std::array<pollfd, 2> ready{{{.fd = wake_, .events = POLLIN, .revents = 0},
                                     {.fd = session_.is_open() ? PQsocket(session_.handle()) : -1,
                                      .events = POLLIN,
                                      .revents = 0}}};
        ::poll(ready.data(), ready.size(), static_cast<int>(longest.count()));
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t taken = ::read(wake_, &count, sizeof count);
        if (ready[1].revents != 0) { drain(); }
    }

    void interrupt() override {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t put = ::write(wake_, &one, sizeof one);
    }

private:
    /// What was said does not matter, only that somebody spoke.
    void drain() {
        if (PQconsumeInput(session_.handle()) == 0) {
            session_.close();
            return;
        }
        while (PGnotify* const notice = PQnotifies(session_.handle())) {
            PQfreemem(notice);
        }
    }

    PostgresSession session_;
    const int wake_;
};

}  // namespace

std::unique_ptr<Listener> listen_to(std::shared_ptr<PostgresServer> server) {
    return std::make_unique<PostgresListener>(std::move(server));
}

}  // namespace lintel::sql
