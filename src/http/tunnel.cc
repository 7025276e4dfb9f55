#include "http/tunnel.h"

#include <algorithm>
#include <cerrno>

#include "async/buffer.h"
#include "async/loop.h"

namespace lintel::http {
namespace {

/// For the side that has not said goodbye when the other has.
constexpr std::chrono::milliseconds kFarewell{10'000};

}  // namespace

Task<void> Tunnel::run() {
    active_ms_ = client_.socket.loop().now_ms();
    Task<void> upwards = pump(client_, backend_);
    upwards.start();
    co_await pump(backend_, client_);
    co_await upwards;
}

Task<void> Tunnel::pump(Side& from, Side& to) {
    if (!from.early.empty() && !co_await pass(from, to, from.early)) { co_return; }
    while (true) {
        async::IoResult got = co_await wait(from);
        if (got == 0) {
            // A tunnel that waits holds no memory.
            const async::Buffer buffer = async::Buffer::lend(async::Buffer::kSmall);
            const std::span<char> into = buffer.span();
            got = co_await from.socket.recv(into, async::Deadline::never());
            if (got == 0) { break; }
            if (got > 0) {
                if (co_await pass(from, to, into.first(static_cast<std::size_t>(got)))) {
                    continue;
                }
                co_return;
            }
        }
        cut();
        co_return;
    }
    half_closed_ = true;
    active_ms_ = from.socket.loop().now_ms();
    to.socket.finish_writing();
}

std::uint64_t Tunnel::silent_until_ms() const {
    const auto idle = half_closed_ ? std::min(times_.idle, kFarewell) : times_.idle;
    return active_ms_ + static_cast<std::uint64_t>(idle.count());
}

Task<async::IoResult> Tunnel::wait(const Side& from) {
    while (true) {
        const async::IoResult ready =
            co_await from.socket.readable(async::Deadline::at(silent_until_ms()));
        // The other direction may have been busy meanwhile.
        const bool silent = from.socket.loop().now_ms() >= silent_until_ms();
        if (ready != -ETIMEDOUT || silent) { co_return ready; }
    }
}

Task<bool> Tunnel::pass(Side& from, Side& to, std::span<const char> bytes) {
    active_ms_ = from.socket.loop().now_ms();
    from.received += bytes.size();
    const bool passed = co_await to.socket.send(bytes, times_.stall) >= 0;
    if (!passed) { cut(); }
    co_return passed;
}

void Tunnel::cut() {
    client_.socket.cancel();
    backend_.socket.cancel();
}

}  // namespace lintel::http
