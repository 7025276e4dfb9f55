#include "gateway/request_id.h"

#include <sys/random.h>

#include "base/assert.h"

namespace lintel::gateway {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kPrefix = "req_";
constexpr std::size_t kDigits = 26;

}  // namespace

RequestIds::RequestIds() {
    std::array<std::uint64_t, 2> seed{};
    const auto got = ::getrandom(seed.data(), sizeof(seed), 0);
    LINTEL_ASSERT(got == sizeof(seed), "the kernel has randomness");
    high_ = seed[0];
    low_ = seed[1];
}

std::string_view RequestIds::next(TimeMs now, Arena& arena) {
    if (++low_ == 0) { ++high_; }
    char* out = static_cast<char*>(arena.allocate(kPrefix.size() + kDigits, 1));
    kPrefix.copy(out, kPrefix.size());
    char* at = out + kPrefix.size();
    const auto time = static_cast<std::uint64_t>(now);
    for (int shift = 45; shift >= 0; shift -= 5) {
        *at++ = kAlphabet[(time >> shift) & 31];
    }
    // 16 bits of high_ and 64 of low_ are sixteen digits.
    std::uint64_t rest = (high_ << 48) | (low_ >> 16);
    for (int shift = 59; shift >= 4; shift -= 5) {
        *at++ = kAlphabet[(rest >> shift) & 31];
    }
    rest = ((rest & 15) << 16) | (low_ & 0xFFFF);
    for (int shift = 15; shift >= 0; shift -= 5) {
        *at++ = kAlphabet[(rest >> shift) & 31];
    }
    return {out, kPrefix.size() + kDigits};
}

}  // namespace lintel::gateway
