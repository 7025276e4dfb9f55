#include "base/id.h"

#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "base/assert.h"

namespace lintel {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

struct Stamp {
    std::uint64_t time_ms;
    std::array<unsigned char, 10> random;
};

/// Random bytes within a new millisecond, else the last ones plus one, so that ids of one process
/// never go backwards.
Stamp next_stamp() {
    static std::mutex mutex;
    static Stamp last{};
    const std::scoped_lock lock(mutex);
    using namespace std::chrono;
    const auto now = static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
    if (now > last.time_ms) {
        last.time_ms = now;
        const auto got = getrandom(last.random.data(), last.random.size(), 0);
        LINTEL_ASSERT(got == static_cast<ssize_t>(last.random.size()), "the kernel has randomness");
        last.random[0] &= 0x7F;  // room to count up
    } else {
        for (std::size_t i = last.random.size(); i-- > 0;) {
            if (++last.random[i] != 0) { break; }
        }
    }
    return last;
}

}  // namespace

std::string make_id(std::string_view prefix) {
    const Stamp stamp = next_stamp();
    std::string id(prefix);
    id.push_back('_');
    for (int shift = 45; shift >= 0; shift -= 5) {
        id.push_back(kAlphabet[(stamp.time_ms >> shift) & 31]);
    }
    std::uint32_t bits = 0;
    int have = 0;
    for (const unsigned char byte : stamp.random) {
        bits = (bits << 8) | byte;
        for (have += 8; have >= 5;) {
            have -= 5;
            id.push_back(kAlphabet[(bits >> have) & 31]);
        }
    }
    return id;
}

}  // namespace lintel
