// Writes down what callers used, in the background.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "compiler/snapshot_publisher.h"
#include "management/usage.h"
#include "store/store.h"

namespace lintel::app {

/// Role: a thread that asks the data plane every few seconds what was called and with what, and
/// writes it in one transaction, if there is anything. What cannot be written is kept for the next
/// time. Owner: the Node; the others outlive it. The destructor writes what is there.
class UsageWriter {
public:
    UsageWriter(store::Store& store, const Clock& clock, compiler::SnapshotPublisher& publisher);
    UsageWriter(const UsageWriter&) = delete;
    UsageWriter& operator=(const UsageWriter&) = delete;
    ~UsageWriter();

private:
    void run();
    void write();

    store::Store& store_;
    const Clock& clock_;
    compiler::SnapshotPublisher& publisher_;
    management::Usage pending_;
    bool fails_ = false;
    std::mutex mutex_;  ///< guards stopping_
    std::condition_variable stop_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace lintel::app
