// A name server for the tests of whoever resolves names.
#pragma once

#include <arpa/inet.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace lintel::async {

/// A name server on loopback: answers A questions with its addresses, everything else with
/// nothing.
class FakeNameServer {
public:
    FakeNameServer() {
        descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&at), sizeof at);
        socklen_t size = sizeof at;
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&at), &size);
        address = fmt::format("127.0.0.1:{}", ntohs(at.sin_port));
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~FakeNameServer() {
        thread_.request_stop();
        thread_.join();
        ::close(descriptor_);
    }

    std::string address;
    std::atomic<bool> silent{false};
    std::atomic<int> questions{0};
    std::atomic<std::uint8_t> last_octet{1};
    std::atomic<std::uint8_t> ttl_s{60};
    /// Answers with these instead of 10.0.0.`last_octet`.
    void use(std::vector<std::array<char, 4>> addresses) {
        const std::scoped_lock lock(mutex_);
        addresses_ = std::move(addresses);
    }

private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd poll{.fd = descriptor_, .events = POLLIN, .revents = 0};
            if (::poll(&poll, 1, 20) <= 0) { continue; }
            std::array<char, 512> packet{};
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const ssize_t got = ::recvfrom(descriptor_, packet.data(), packet.size(), 0,
                                           reinterpret_cast<sockaddr*>(&from), &size);
            if (got < 17 || silent) { continue; }
            const std::string reply = answer({packet.data(), static_cast<std::size_t>(got)});
            ::sendto(descriptor_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from),
                     size);
        }
    }
    std::vector<std::array<char, 4>> answers() const {
        const std::scoped_lock lock(mutex_);
        if (!addresses_.empty()) { return addresses_; }
        return {{10, 0, 0, static_cast<char>(last_octet.load())}};
    }
    std::string answer(std::string_view question) {
        std::size_t end = question.find('\0', 12) + 5;
        const bool wants_v4 = question[end - 3] == 1;
        if (wants_v4) { ++questions; }
        std::string reply(question.substr(0, 2));
        reply += std::string("\x81\x80\x00\x01\x00", 5);
        const auto all = wants_v4 ? answers() : std::vector<std::array<char, 4>>();
        reply += static_cast<char>(all.size());
        reply += std::string(4, '\0');
        reply += question.substr(12, end - 12);
        for (const std::array<char, 4>& one : all) {
            reply += std::string("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00", 9);
            reply += static_cast<char>(ttl_s.load());
            reply += std::string("\x00\x04", 2);
            reply.append(one.data(), one.size());
        }
        return reply;
    }

    int descriptor_;
    mutable std::mutex mutex_;
    std::vector<std::array<char, 4>> addresses_;
    std::jthread thread_;
};

}  // namespace lintel::async
