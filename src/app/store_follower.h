// Several processes on one store: what one of them changes takes effect at the callers of all.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "compiler/snapshot_publisher.h"
#include "sql/database.h"

namespace lintel::app {

/// Role: a thread that makes the data plane follow the store, at once when another process tells of
/// a change and every half second in case nobody could. Owner: the Node; the publisher outlives it.
class StoreFollower {
public:
    StoreFollower(std::unique_ptr<sql::Listener> listener, compiler::SnapshotPublisher& publisher);
    StoreFollower(const StoreFollower&) = delete;
    StoreFollower& operator=(const StoreFollower&) = delete;
    ~StoreFollower();

private:
    void run();

    std::unique_ptr<sql::Listener> listener_;
    compiler::SnapshotPublisher& publisher_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace lintel::app
