#include <fmt/core.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "gateway/access_log.h"

namespace lintel::gateway {
namespace {

constexpr std::size_t kWriteAt = 256U << 10;  // bytes of lines gathered before they are written
constexpr int kLookEveryMs = 50;

int open_file(const std::string& path) {
    if (path == "-") { return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0); }
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

Result<std::unique_ptr<AccessLogWriter>> AccessLogWriter::open(std::string path,
                                                               std::vector<AccessLogRing*> rings) {
    const int file = open_file(path);
    if (file < 0) {
        return fail(Code::StartFailed, fmt::format("the access log {} cannot be opened: {}", path,
                                                   std::strerror(errno)));
    }
    const int wake_event = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_event < 0) {
        ::close(file);
        return fail(Code::StartFailed, "no event descriptor for the access log");
    }
    return std::unique_ptr<AccessLogWriter>(
        new AccessLogWriter(std::move(path), file, wake_event, std::move(rings)));
}

AccessLogWriter::AccessLogWriter(std::string path, int file, int wake_event,
                                 std::vector<AccessLogRing*> rings)
    : path_(std::move(path)), file_(file), wake_event_(wake_event), rings_(std::move(rings)) {
    thread_ = std::thread([this] { run(); });
}

AccessLogWriter::~AccessLogWriter() {
    stop_.store(true, std::memory_order_release);
    wake();
    thread_.join();
    ::close(file_);
    ::close(wake_event_);
}

void AccessLogWriter::wake() {
    if (wake_asked_.exchange(true, std::memory_order_acq_rel)) { return; }
    const std::uint64_t one = 1;
    // Fails only when the counter is full: then the writer is awake anyway.
    [[maybe_unused]] const auto written = ::write(wake_event_, &one, sizeof(one));
}

void AccessLogWriter::reopen() {
    reopen_.store(true, std::memory_order_release);
    wake();
}

void AccessLogWriter::flush() {
    const std::uint64_t ticket = flush_asked_.fetch_add(1) + 1;
    wake();
    for (std::uint64_t done = flush_done_.load(); done < ticket; done = flush_done_.load()) {
        flush_done_.wait(done);
    }
}

void AccessLogWriter::run() {
    for (;;) {
        const bool stopping = stop_.load(std::memory_order_acquire);
        const std::uint64_t asked = flush_asked_.load();
        if (reopen_.exchange(false)) { open_again(); }
        while (drain()) {}
        flush_done_.store(asked);
        flush_done_.notify_all();
        if (stopping) { return; }

        pollfd wait{.fd = wake_event_, .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, kLookEveryMs) > 0) {
            std::uint64_t count = 0;
            [[maybe_unused]] const auto got = ::read(wake_event_, &count, sizeof(count));
            // Cleared before the rings are looked at: a wake after this point is not lost.
            wake_asked_.store(false, std::memory_order_release);
        }
    }
}

/// Takes what is there, up to one write from every ring. True when there may be more.
bool AccessLogWriter::drain() {
    bool more = false;
    AccessRecord record;
    for (AccessLogRing* ring : rings_) {
        while (lines_.size() < kWriteAt && ring->pop(record)) {
            format_.append(lines_, record);
            ++line_count_;
        }
        more = more || lines_.size() >= kWriteAt;
        write_out();
    }
    return more;
}

void AccessLogWriter::write_out() {
    std::string_view rest = lines_;
    while (!rest.empty()) {
        const ssize_t written = ::write(file_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) { continue; }
        if (written < 0) {
            if (failed_.fetch_add(line_count_) == 0) {
                log::error("the access log cannot be written",
                           {{"file", path_}, {"cause", std::strerror(errno)}});
            }
            break;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    lines_.clear();
    line_count_ = 0;
}

void AccessLogWriter::open_again() {
    const int file = open_file(path_);
    if (file < 0) {
        log::error("the access log cannot be opened again; the old file stays in use",
                   {{"file", path_}, {"cause", std::strerror(errno)}});
        return;
    }
    ::close(std::exchange(file_, file));
}

}  // namespace lintel::gateway
