#include "async/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace lintel::async {
namespace {

constexpr int kBatch = 256;  ///< events taken from the kernel at once
/// Operations tried in a turn before the kernel is asked for events again: a long body must not
/// keep others waiting.
constexpr std::size_t kTriesPerTurn = 1024;
/// What a stage may bring into memory before it is used: it is to be in the cache then.
constexpr std::size_t kHotBytes = 16U << 10;

/// Tells of which coroutine a frame is: every compiler of ours keeps the address of its code first.
const void* code_of(std::coroutine_handle<> waiting) {
    return *static_cast<void* const*>(waiting.address());
}

}  // namespace

std::uint64_t monotonic_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

/// What one poll brings. Not on the stack: hardened builds clear stack arrays on every turn.
struct Loop::Batch {
    std::array<epoll_event, kBatch> events;
};

/// The eventfd that ends a poll when another thread has posted something.
class Loop::Bell final : public EventSource {
public:
    explicit Bell(int descriptor) : descriptor_(descriptor) {}
    ~Bell() override { ::close(descriptor_); }
    void on_events(std::uint32_t) override {
        std::uint64_t rung = 0;
        [[maybe_unused]] const ssize_t got = ::read(descriptor_, &rung, sizeof rung);
    }
    void ring() const {
        const std::uint64_t once = 1;
        [[maybe_unused]] const ssize_t put = ::write(descriptor_, &once, sizeof once);
    }

private:
    int descriptor_;
};

Result<std::unique_ptr<Loop>> Loop::open() {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        return fail(Code::StartFailed, "no event queue can be opened", std::strerror(errno));
    }
    const int bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (bell < 0) {
        const int error = errno;
        ::close(epoll);
        return fail(Code::StartFailed, "no event counter can be opened", std::strerror(error));
    }
    return std::unique_ptr<Loop>(new Loop(epoll, bell));
}

Loop::Loop(int epoll, int bell)
    : epoll_(epoll),
      batch_(std::make_unique<Batch>()),
      now_us_(monotonic_us()),
      wheel_(now_us_ / 1000),
      bell_(std::make_unique<Bell>(bell)) {
    const int error = watch(bell, EPOLLIN, *bell_);
    LINTEL_ASSERT(error == 0, "a fresh event queue refused its first descriptor");
}

Loop::~Loop() {
    Letter* letter = mailbox_.exchange(nullptr, std::memory_order_acquire);
    while (letter != nullptr) {
        delete std::exchange(letter, letter->next);
    }
    empty_graves();
    bell_.reset();
    ::close(epoll_);
}

int Loop::watch(int descriptor, std::uint32_t events, EventSource& source) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &source;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

int Loop::rewatch(int descriptor, std::uint32_t events, EventSource& source) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &source;
    return ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0 ? 0 : errno;
}

void Loop::unwatch(int descriptor) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void Loop::run() {
    while (!stopped_.load(std::memory_order_acquire)) {
        turn();
    }
    stopped_.store(false, std::memory_order_release);
}

void Loop::stop() {
    stopped_.store(true, std::memory_order_release);
    bell_->ring();
}

void Loop::post(Job job) {
    Letter* letter = new Letter{std::move(job)};
    Letter* newest = mailbox_.load(std::memory_order_relaxed);
    do {
        letter->next = newest;
    } while (!mailbox_.compare_exchange_weak(newest, letter, std::memory_order_release,
                                             std::memory_order_relaxed));
    // Whoever finds the box empty rings; the others' letters are taken along.
    if (newest == nullptr) { bell_->ring(); }
}

void Loop::turn() {
    const bool busy = has_staged() || !deferred_.empty();
    const int wait = busy ? 0 : wheel_.wait_ms(now_ms());
    const int count = ::epoll_wait(epoll_, batch_->events.data(), kBatch, wait);
    now_us_ = monotonic_us();
    clock_.begin_turn(now_us_);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = batch_->events[static_cast<std::size_t>(i)];
        static_cast<EventSource*>(event.data.ptr)->on_events(event.events);
    }
    run_stages();
    // After the events: what arrived in time counts even when this thread was late.
    wheel_.advance(now_ms());
    run_deferred();
    read_mail();
    run_stages();
    empty_graves();
}

Operation::~Operation() {
    if (staged_) { loop_.forget(*this); }
}

void Operation::stage() {
    if (std::exchange(staged_, true)) { return; }
    loop_.staged(stage_).push_back(this);
}

bool Loop::has_staged() const {
    return std::ranges::any_of(staged_, [](const auto& list) { return !list.empty(); });
}

void Loop::run_stages() {
    for (std::size_t tries = 0; tries < kTriesPerTurn && has_staged();) {
        for (const Stage stage : {Stage::Look, Stage::Receive, Stage::Send}) {
            tries += run_stage(stage);
        }
    }
}

void Loop::resume_alike(std::size_t first, std::size_t end) {
    const void* const code = code_of(trying_[first]->waiting_);
    for (std::size_t at = first; at < end; ++at) {
        Operation* const done = trying_[at];
        if (done == nullptr || code_of(done->waiting_) != code) { continue; }
        // Whoever goes on may end one behind it, but no longer this one.
        trying_[at] = nullptr;
        done->staged_ = false;
        std::exchange(done->waiting_, nullptr).resume();
    }
}

std::size_t Loop::run_stage(Stage stage) {
    trying_.swap(staged(stage));
    std::size_t tries = 0;
    for (std::size_t brought = 0; tries < trying_.size() && brought < kHotBytes; ++tries) {
        Operation*& operation = trying_[tries];
        if (operation == nullptr) { continue; }
        if (operation->attempt()) {
            brought += operation->brought_;
        } else {
            operation->staged_ = false;
            operation = nullptr;
        }
    }
    for (std::size_t first = 0; first < tries; ++first) {
        if (trying_[first] != nullptr) { resume_alike(first, tries); }
    }
    // The others come next, before what was staged meanwhile.
    auto& next = staged(stage);
    next.insert(next.begin(), trying_.begin() + static_cast<std::ptrdiff_t>(tries), trying_.end());
    trying_.clear();
    return tries;
}

void Loop::forget(Operation& operation) {
    std::ranges::replace(staged(operation.stage_), &operation, nullptr);
    std::ranges::replace(trying_, &operation, nullptr);
}

void Loop::run_deferred() {
    deferred_now_.swap(deferred_);
    for (std::size_t i = 0; i < deferred_now_.size(); ++i) {
        if (const auto waiting = std::exchange(deferred_now_[i], nullptr)) { waiting.resume(); }
    }
    deferred_now_.clear();
}

void Loop::forget(std::coroutine_handle<> deferred) {
    for (auto* list : {&deferred_, &deferred_now_}) {
        std::ranges::replace(*list, deferred, std::coroutine_handle<>());
    }
}

void Loop::empty_graves() {
    // What is destroyed may bury in turn (a connection its socket).
    while (!dead_.empty()) {
        std::vector<std::unique_ptr<Buriable>> dead;
        dead.swap(dead_);
        dead.clear();
        if (dead_.empty()) { dead_.swap(dead); }
    }
}

void Loop::read_mail() {
    if (mailbox_.load(std::memory_order_relaxed) == nullptr) { return; }
    Letter* newest = mailbox_.exchange(nullptr, std::memory_order_acquire);
    Letter* oldest = nullptr;
    while (newest != nullptr) {
        Letter* next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != nullptr) {
        const std::unique_ptr<Letter> letter(std::exchange(oldest, oldest->next));
        letter->job();
    }
}

}  // namespace lintel::async
