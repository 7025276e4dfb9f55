#include "async/blocking_pool.h"

namespace lintel::async {

BlockingPool::BlockingPool(Options options) : queue_limit_(options.queue_limit) {
    for (std::size_t i = 0; i < options.threads; ++i) {
        threads_.emplace_back([this] { serve(); });
    }
}

BlockingPool::~BlockingPool() {
    stop();
}

void BlockingPool::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        queue_.clear();
    }
    arrived_.notify_all();
    for (std::jthread& thread : threads_) {
        if (thread.joinable()) { thread.join(); }
    }
}

bool BlockingPool::submit(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_ || queue_.size() >= queue_limit_) { return false; }
        queue_.push_back(std::move(job));
    }
    arrived_.notify_one();
    return true;
}

void BlockingPool::serve() {
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) { return; }
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        job();
    }
}

}  // namespace lintel::async
