// How long the sender of a body may take. Internal to the bodies that arrive.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "async/deadline.h"

namespace lintel::http {

struct BodyTimes {
    std::chrono::milliseconds idle{30'000};   ///< longest wait for one piece
    std::chrono::milliseconds grace{10'000};  ///< then the sender owes the rate below
    std::uint64_t bytes_per_second = 500;     ///< 0 = none
};

/// A sender may be slow, but over all its waits it must keep up a floor rate. Part of a body.
class BodyPace {
public:
    explicit BodyPace(BodyTimes times) : times_(times) {}

    void begin() { received_ = waited_ms_ = 0; }
    void received(std::uint64_t bytes) { received_ += bytes; }
    void waited(std::uint64_t since_ms, std::uint64_t now_ms) { waited_ms_ += now_ms - since_ms; }
    std::uint64_t received() const { return received_; }
    /// For the next piece.
    async::Deadline patience(std::uint64_t now_ms) const {
        std::uint64_t patience_ms = static_cast<std::uint64_t>(times_.idle.count());
        if (times_.bytes_per_second != 0) {
            const std::uint64_t owed_ms = static_cast<std::uint64_t>(times_.grace.count()) +
                                          received_ * 1000 / times_.bytes_per_second;
            patience_ms = std::min(patience_ms, owed_ms - std::min(owed_ms, waited_ms_));
        }
        return async::Deadline::at(now_ms + patience_ms);
    }

private:
    BodyTimes times_;
    std::uint64_t received_ = 0;
    std::uint64_t waited_ms_ = 0;
};

}  // namespace lintel::http
