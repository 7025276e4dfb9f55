#include "app/usage_writer.h"

#include <chrono>

#include "base/log.h"

namespace lintel::app {

namespace {
/// Seldom enough to cost nothing, often enough for people who look.
constexpr std::chrono::seconds kWriteEvery{10};
}  // namespace

UsageWriter::UsageWriter(store::Store& store, const Clock& clock,
                         compiler::SnapshotPublisher& publisher)
    : store_(store), clock_(clock), publisher_(publisher), thread_([this] { run(); }) {}

UsageWriter::~UsageWriter() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

void UsageWriter::run() {
    bool goes_on = true;
    while (goes_on) {
        std::unique_lock lock(mutex_);
        goes_on = !stop_.wait_for(lock, kWriteEvery, [this] { return stopping_; });
        lock.unlock();
        write();
    }
}

void UsageWriter::write() {
    publisher_.take_usage(pending_);
    if (pending_.empty()) { return; }
    const Status written = management::record_usage(store_, clock_, pending_);
    if (written) { pending_ = {}; }
    // Told once, not every few seconds.
    if (!written && !fails_) {
        log::warn("usage cannot be written down yet",
                  {{"error", written.error().message}, {"cause", written.error().cause}});
    }
    fails_ = !written;
}

}  // namespace lintel::app
