#include "app/store_follower.h"

#include "base/log.h"

namespace lintel::app {

namespace {
constexpr std::chrono::milliseconds kPollEvery{500};
}

StoreFollower::StoreFollower(std::unique_ptr<sql::Listener> listener,
                             compiler::SnapshotPublisher& publisher)
    : listener_(std::move(listener)), publisher_(publisher), thread_([this] { run(); }) {}

StoreFollower::~StoreFollower() {
    stopping_ = true;
    listener_->interrupt();
    thread_.join();
}

void StoreFollower::run() {
    bool follows = true;
    while (true) {
        listener_->wait(kPollEvery);
        if (stopping_) { return; }
        const Status done = publisher_.follow();
        // Told once, not twice a second.
        if (!done && follows) {
            log::error("the store cannot be followed: the data plane keeps its snapshot",
                       {{"error", done.error().message}, {"cause", done.error().cause}});
        } else if (done && !follows) {
            log::info("the store is followed again", {{"revision", publisher_.revision()}});
        }
        follows = done.has_value();
    }
}

}  // namespace lintel::app
