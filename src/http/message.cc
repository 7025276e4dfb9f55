#include "http/message.h"

#include <array>
#include <cstring>

namespace lintel::http {
namespace {

struct Known {
    std::string_view name;  ///< lower case
    HeaderId id;
};

constexpr std::array kKnown = {
    Known{"accept", HeaderId::Accept},
    Known{"accept-encoding", HeaderId::AcceptEncoding},
    Known{"access-control-request-method", HeaderId::AccessControlRequestMethod},
    Known{"authorization", HeaderId::Authorization},
    Known{"cache-control", HeaderId::CacheControl},
    Known{"connection", HeaderId::Connection},
    Known{"content-encoding", HeaderId::ContentEncoding},
    Known{"content-length", HeaderId::ContentLength},
    Known{"content-type", HeaderId::ContentType},
    Known{"cookie", HeaderId::Cookie},
    Known{"date", HeaderId::Date},
    Known{"expect", HeaderId::Expect},
    Known{"forwarded", HeaderId::Forwarded},
    Known{"host", HeaderId::Host},
    Known{"keep-alive", HeaderId::KeepAlive},
    Known{"origin", HeaderId::Origin},
    Known{"proxy-authenticate", HeaderId::ProxyAuthenticate},
    Known{"proxy-authorization", HeaderId::ProxyAuthorization},
    Known{"proxy-connection", HeaderId::ProxyConnection},
    Known{"server", HeaderId::Server},
    Known{"set-cookie", HeaderId::SetCookie},
    Known{"te", HeaderId::Te},
    Known{"trailer", HeaderId::Trailer},
    Known{"transfer-encoding", HeaderId::TransferEncoding},
    Known{"upgrade", HeaderId::Upgrade},
    Known{"user-agent", HeaderId::UserAgent},
    Known{"via", HeaderId::Via},
    Known{"x-correlation-id", HeaderId::XCorrelationId},
    Known{"x-date", HeaderId::XDate},
    Known{"x-forwarded-for", HeaderId::XForwardedFor},
    Known{"x-forwarded-host", HeaderId::XForwardedHost},
    Known{"x-forwarded-proto", HeaderId::XForwardedProto},
    Known{"x-ratelimit-limit", HeaderId::XRateLimitLimit},
    Known{"x-ratelimit-remaining", HeaderId::XRateLimitRemaining},
    Known{"x-ratelimit-reset", HeaderId::XRateLimitReset},
    Known{"x-real-ip", HeaderId::XRealIp},
    Known{"x-request-id", HeaderId::XRequestId},
    Known{"x-stage", HeaderId::XStage},
    Known{"x-hmac-access-key", HeaderId::XHmacAccessKey},
    Known{"x-hmac-algorithm", HeaderId::XHmacAlgorithm},
    Known{"x-hmac-date", HeaderId::XHmacDate},
    Known{"x-hmac-digest", HeaderId::XHmacDigest},
    Known{"x-hmac-signature", HeaderId::XHmacSignature},
    Known{"x-hmac-signed-headers", HeaderId::XHmacSignedHeaders},
};

constexpr unsigned fold(char c) {
    return static_cast<unsigned char>(c) | 0x20U;
}
// Length, first and last character and one between them: enough to give every known name a slot of
// its own.
constexpr unsigned slot_of(std::string_view name, unsigned seed) {
    const unsigned mixed = static_cast<unsigned>(name.size()) * 67U + fold(name.front()) * seed +
                           fold(name.back()) * 7U + fold(name[name.size() * 3 / 4]) * 29U;
    return (mixed ^ (mixed >> 8U)) % 256U;
}

template <typename Word>
Word load(const char* from) {
    Word word = 0;
    std::memcpy(&word, from, sizeof(word));
    return word;
}

/// Whether the bytes at `name` are those of `known`, case aside. Bit 5 makes a letter lower case;
/// apart from letters, known names hold only "-", and the one other byte that becomes "-" is CR,
/// which has neither bit 5 nor bit 6.
template <typename Word>
bool spells_word(const char* name, const char* known) {
    constexpr Word kEach = static_cast<Word>(0x0101010101010101ULL);
    constexpr Word kCase = kEach * 0x20U;
    constexpr Word kPrintable = kEach * 0x40U;
    const Word word = load<Word>(name);
    return static_cast<Word>(word | kCase) == load<Word>(known) &&
           ((word | word << 1U) & kPrintable) == kPrintable;
}

/// REQUIRES: both are of one length. Word by word, the last one overlapping.
template <typename Word>
bool spells_by(std::string_view name, std::string_view known) {
    const std::size_t last = name.size() - sizeof(Word);
    for (std::size_t at = 0; at < last; at += sizeof(Word)) {
        if (!spells_word<Word>(name.data() + at, known.data() + at)) { return false; }
    }
    return spells_word<Word>(name.data() + last, known.data() + last);
}

bool spells(std::string_view name, std::string_view known) {
    if (name.size() >= sizeof(std::uint64_t)) { return spells_by<std::uint64_t>(name, known); }
    if (name.size() >= sizeof(std::uint32_t)) { return spells_by<std::uint32_t>(name, known); }
    return equals_ignoring_case(name, known);
}

struct Slots {
    std::array<std::uint8_t, 256> known{};  ///< index + 1
    unsigned seed = 0;
};

// Tried out by the compiler: the first factor that leaves no two names in one slot.
consteval Slots place_known_names() {
    for (unsigned seed = 1; seed < 4000; ++seed) {
        Slots slots;
        slots.seed = seed;
        bool free = true;
        for (std::size_t i = 0; i < kKnown.size() && free; ++i) {
            std::uint8_t& slot = slots.known[slot_of(kKnown[i].name, seed)];
            free = slot == 0;
            slot = static_cast<std::uint8_t>(i + 1);
        }
        if (free) { return slots; }
    }
    return {};
}
constexpr Slots kSlots = place_known_names();
static_assert(kSlots.seed != 0, "no factor separates the known names; change slot_of()");

}  // namespace

HeaderId header_id(std::string_view name) {
    if (name.empty()) { return HeaderId::Other; }
    const std::uint8_t found = kSlots.known[slot_of(name, kSlots.seed)];
    if (found == 0) { return HeaderId::Other; }
    const Known& known = kKnown[found - 1U];
    if (known.name.size() != name.size()) { return HeaderId::Other; }
    return spells(name, known.name) ? known.id : HeaderId::Other;
}

std::string_view reason_of(int status) {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 103: return "Early Hints";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 203: return "Non-Authoritative Information";
        case 204: return "No Content";
        case 205: return "Reset Content";
        case 206: return "Partial Content";
        case 207: return "Multi-Status";
        case 300: return "Multiple Choices";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 407: return "Proxy Authentication Required";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 423: return "Locked";
        case 424: return "Failed Dependency";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 451: return "Unavailable For Legal Reasons";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "";
    }
}

}  // namespace lintel::http
