#include "gateway/canonical_path.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "base/byte_set.h"
#include "base/host_port.h"
#include "base/ip_address.h"
#include "base/text.h"

namespace lintel::gateway {
namespace {

enum class Byte : std::uint8_t {
    Forbidden,
    Plain,    // may stand in a path as it is
    Slash,    // ends a segment
    Percent,  // starts a triplet
    Encode,   // printable, but never raw in a path: "{" becomes "%7B"
};

constexpr std::string_view kSubDelimiters = "!$&'()*+,;=:@";
constexpr std::string_view kEncoded = "\"<>[]^`{|}";

constexpr std::array<Byte, 256> make_table() {
    std::array<Byte, 256> table{};
    for (std::size_t i = 0; i < 128; ++i) {
        const char c = static_cast<char>(i);
        const bool plain = is_unreserved(c) || kSubDelimiters.find(c) != std::string_view::npos;
        const bool encode = kEncoded.find(c) != std::string_view::npos;
        table[i] = plain      ? Byte::Plain
                   : c == '/' ? Byte::Slash
                   : c == '%' ? Byte::Percent
                   : encode   ? Byte::Encode
                              : Byte::Forbidden;
    }
    return table;
}
constexpr auto kTable = make_table();

Byte kind_of(char c) {
    return kTable[static_cast<unsigned char>(c)];
}

constexpr std::string_view kNoSlash = "the path must start with \"/\"";
constexpr std::string_view kBrokenTriplet = "\"%\" must be followed by two hexadecimal digits";
constexpr std::string_view kControl = "the path contains an encoded control character";
constexpr std::string_view kBackslash = "the path contains a backslash";
constexpr std::string_view kNotUtf8 = "the encoded bytes of the path are not UTF-8";
constexpr std::string_view kHiddenDots = "the path hides a dot segment behind an encoded slash";

std::string_view why_forbidden(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) { return "the path contains a raw non-ASCII byte; percent-encode it"; }
    if (c == ' ') { return "the path contains a space; send %20"; }
    if (c == '\\') { return kBackslash; }
    if (c == '#' || c == '?') { return "the path contains a raw \"#\" or \"?\""; }
    return "the path contains a control character";
}

/// Bytes of the UTF-8 sequence that `lead` starts; 0 when it starts none.
std::size_t sequence_length(int lead) {
    if (lead >= 0xC2 && lead < 0xE0) { return 2; }
    if (lead >= 0xE0 && lead < 0xF0) { return 3; }
    return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

constexpr ByteSet kUnchanged = ByteSet::of([](char c) {
    const Byte kind = kTable[static_cast<unsigned char>(c)];
    return kind == Byte::Plain || kind == Byte::Slash;
});

/// True when nothing has to be changed; the input then is its own canonical form.
bool is_canonical(std::string_view raw) {
    if (!kUnchanged.contains_all(raw)) { return false; }
    for (std::size_t slash = 0; slash + 1 < raw.size(); slash = raw.find('/', slash + 1)) {
        if (slash == std::string_view::npos) { return true; }
        if (raw[slash + 1] == '/' || raw[slash + 1] == '.') { return false; }
    }
    return true;
}

/// Writes the canonical form segment by segment.
class Canonicaliser {
public:
    explicit Canonicaliser(char* out) : begin_(out), at_(out), segment_(out) {}

    std::string_view fault() const { return fault_; }
    bool encoded_slash() const { return encoded_slash_; }
    std::string_view result() const { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

    /// False when the path is refused; fault() says why.
    bool run(std::string_view raw) {
        *at_++ = '/';
        segment_ = at_;
        for (std::size_t i = 1; i < raw.size();) {
            switch (kind_of(raw[i])) {
                case Byte::Plain: *at_++ = raw[i++]; break;
                case Byte::Encode: put_triplet(static_cast<unsigned char>(raw[i++])); break;
                case Byte::Forbidden: fault_ = why_forbidden(raw[i]); return false;
                case Byte::Slash:
                    if (!end_segment(true)) { return false; }
                    ++i;
                    break;
                case Byte::Percent: {
                    const std::size_t used = triplet(raw.substr(i));
                    if (used == 0) { return false; }
                    i += used;
                    break;
                }
            }
        }
        return end_segment(false);
    }

private:
    void put_triplet(int value) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        *at_++ = '%';
        *at_++ = kDigits[static_cast<std::size_t>(value) >> 4];
        *at_++ = kDigits[static_cast<std::size_t>(value) & 15];
    }

    /// Handles the triplets of one character; returns how much of the input they take, 0 = refused.
    std::size_t triplet(std::string_view text) {
        const int value = triplet_value(text);
        if (value < 0) { return refuse(kBrokenTriplet); }
        if (value < 0x20 || value == 0x7F) { return refuse(kControl); }
        if (value == '\\') { return refuse(kBackslash); }
        if (value >= 0x80) { return multibyte(text, value); }
        if (value == '/') { encoded_slash_ = true; }
        const char c = static_cast<char>(value);
        if (is_unreserved(c)) {
            *at_++ = c;
        } else {
            put_triplet(value);
        }
        return 3;
    }

    std::size_t multibyte(std::string_view text, int lead) {
        const std::size_t length = sequence_length(lead);
        std::array<char, 4> bytes{};
        for (std::size_t k = 0; k < length; ++k) {
            const int value = 3 * k < text.size() ? triplet_value(text.substr(3 * k)) : -1;
            if (value < 0) { return refuse(kNotUtf8); }
            bytes[k] = static_cast<char>(value);
            put_triplet(value);
        }
        if (length == 0 || !is_valid_utf8({bytes.data(), length})) { return refuse(kNotUtf8); }
        return 3 * length;
    }

    std::size_t refuse(std::string_view why) {
        fault_ = why;
        return 0;
    }

    /// Resolves the segment that was just written; `more` when a slash follows it.
    bool end_segment(bool more) {
        const std::string_view segment(segment_, static_cast<std::size_t>(at_ - segment_));
        if (encoded_slash_ && hides_dots(segment)) {
            fault_ = kHiddenDots;
            return false;
        }
        if (segment.empty()) { return true; }
        if (segment == "." || segment == "..") {
            at_ = segment_;
            if (segment == ".." && segment_ > begin_ + 1) { drop_last_segment(); }
            return true;
        }
        if (more) {
            *at_++ = '/';
            segment_ = at_;
        }
        return true;
    }

    void drop_last_segment() {
        --at_;  // its slash
        while (at_[-1] != '/') {
            --at_;
        }
        segment_ = at_;
    }

    /// A backend that decodes "%2F" would see these as dot segments.
    static bool hides_dots(std::string_view segment) {
        if (segment.find("%2F") == std::string_view::npos) { return false; }
        for (;;) {
            const auto at = segment.find("%2F");
            const std::string_view piece = segment.substr(0, at);
            if (piece == "." || piece == "..") { return true; }
            if (at == std::string_view::npos) { return false; }
            segment.remove_prefix(at + 3);
        }
    }

    char* begin_;
    char* at_;
    char* segment_;
    std::string_view fault_;
    bool encoded_slash_ = false;
};

constexpr ByteSet kCanonicalHost = ByteSet::of(
    [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
constexpr std::string_view kBadHost = "the Host field is not a host name or address";

}  // namespace

std::expected<CanonicalPath, std::string_view> canonical_path(std::string_view raw, Arena& arena) {
    if (raw.empty() || raw[0] != '/') { return std::unexpected(kNoSlash); }
    if (is_canonical(raw)) { return CanonicalPath{.path = raw}; }
    // A byte grows to three at most.
    Canonicaliser canonicaliser(static_cast<char*>(arena.allocate(raw.size() * 3, 1)));
    if (!canonicaliser.run(raw)) { return std::unexpected(canonicaliser.fault()); }
    return CanonicalPath{.path = canonicaliser.result(),
                         .encoded_slash = canonicaliser.encoded_slash()};
}

std::expected<std::string_view, std::string_view> canonical_host(std::string_view raw,
                                                                 Arena& arena) {
    if (raw.empty()) { return raw; }
    std::string_view host = raw;
    if (host[0] == '[') {
        const auto close = host.find(']');
        if (close == std::string_view::npos || !IpAddress::parse(host.substr(1, close - 1))) {
            return std::unexpected(kBadHost);
        }
        host = host.substr(0, close + 1);
    } else {
        host = host.substr(0, host.find(':'));
    }
    const std::string_view port = raw.substr(host.size());
    // RFC 3986 section 3.2.3: the colon may stand without a port.
    if (!port.empty() && (port[0] != ':' || (port.size() > 1 && !is_port(port.substr(1))))) {
        return std::unexpected(kBadHost);
    }
    if (host.ends_with('.')) { host.remove_suffix(1); }
    // A second dot would be left over: the same host could be spelled in many ways.
    if (host.empty() || host.ends_with('.')) { return std::unexpected(kBadHost); }
    if (kCanonicalHost.contains_all(host)) { return host; }

    bool lower = true;
    for (const char c : host) {
        const bool address = host[0] == '[' && (c == '[' || c == ']' || c == ':');
        if (!is_alphanumeric(c) && c != '-' && c != '.' && c != '_' && !address) {
            return std::unexpected(kBadHost);
        }
        lower = lower && to_lower(c) == c;
    }
    if (lower) { return host; }
    char* out = static_cast<char*>(arena.allocate(host.size(), 1));
    std::ranges::transform(host, out, [](char c) { return to_lower(c); });
    return std::string_view(out, host.size());
}

}  // namespace lintel::gateway
