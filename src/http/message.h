// HTTP messages as the whole house sees them, whatever version carried them. Everything is a view:
// into the connection's buffer, the exchange's arena or static text; the owner of the exchange
// keeps those alive.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "base/small_vector.h"
#include "base/text.h"

namespace lintel::http {

enum class Version : std::uint8_t { Http10, Http11, Http2 };

/// Fields the gateway itself looks at, recognised once by the parser so that nobody compares names
/// again.
enum class HeaderId : std::uint8_t {
    Other,
    Accept,
    AcceptEncoding,
    AccessControlRequestMethod,
    Authorization,
    CacheControl,
    Connection,
    ContentEncoding,
    ContentLength,
    ContentType,
    Cookie,
    Date,
    Expect,
    Forwarded,
    Host,
    KeepAlive,
    Origin,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyConnection,
    Server,
    SetCookie,
    Te,
    Trailer,
    TransferEncoding,
    Upgrade,
    UserAgent,
    Via,
    XCorrelationId,
    XDate,
    XForwardedFor,
    XForwardedHost,
    XForwardedProto,
    XRateLimitLimit,
    XRateLimitRemaining,
    XRateLimitReset,
    XRealIp,
    XRequestId,
    XStage,
    XHmacAccessKey,
    XHmacAlgorithm,
    XHmacDate,
    XHmacDigest,
    XHmacSignature,
    XHmacSignedHeaders,
};

/// Recognises a name, ignoring case.
HeaderId header_id(std::string_view name);

/// A set of known fields; whether a field is in it is one bit to look at.
class HeaderSet {
public:
    constexpr HeaderSet() = default;
    constexpr HeaderSet(std::initializer_list<HeaderId> ids) {
        for (const HeaderId id : ids) {
            add(id);
        }
    }
    constexpr void add(HeaderId id) { bits_ |= bit(id); }
    constexpr bool contains(HeaderId id) const { return (bits_ & bit(id)) != 0; }
    constexpr bool meets(HeaderSet other) const { return (bits_ & other.bits_) != 0; }
    friend constexpr HeaderSet operator|(HeaderSet left, HeaderSet right) {
        left.bits_ |= right.bits_;
        return left;
    }

private:
    static constexpr std::uint64_t bit(HeaderId id) { return 1ULL << static_cast<unsigned>(id); }

    std::uint64_t bits_ = 0;
};

/// RFC 9110 section 7.6.1.
inline constexpr HeaderSet kHopByHop = {
    HeaderId::Connection,        HeaderId::KeepAlive,
    HeaderId::ProxyAuthenticate, HeaderId::ProxyAuthorization,
    HeaderId::ProxyConnection,   HeaderId::Te,
    HeaderId::Trailer,           HeaderId::TransferEncoding,
    HeaderId::Upgrade,
};

struct Field {
    std::string_view name;   ///< as sent
    std::string_view value;  ///< without surrounding white space
    HeaderId id = HeaderId::Other;
    /// Set by the parsers: name, ": ", value and CR LF stand together in the received bytes, so the
    /// line may be passed on as it is. Views put in its place are noticed (HeadWriter::field).
    bool line_intact = false;
};

/// A bounded list of fields in order of arrival. The limit is that of the parser; adding beyond it
/// is refused. A call has four of these: room for the fields of nearly all heads is in them, since
/// room for all that are allowed would be most of what a call that waits takes.
class Fields : private SmallVector<Field, 24, 128> {
    using List = SmallVector<Field, 24, 128>;

public:
    static constexpr std::size_t kMax = List::kMost;

    using List::begin;
    using List::clear;
    using List::data;
    using List::empty;
    using List::end;
    using List::size;

    /// False when the list is full.
    bool add(const Field& field) { return try_push_back(field); }
    bool add(std::string_view name, std::string_view value) {
        return add({name, value, header_id(name)});
    }
    /// First field of the name; nullptr when there is none.
    const Field* find(HeaderId id) const {
        for (const Field& field : *this) {
            if (field.id == id) { return &field; }
        }
        return nullptr;
    }
    const Field* find(std::string_view name) const {
        for (const Field& field : *this) {
            if (equals_ignoring_case(field.name, name)) { return &field; }
        }
        return nullptr;
    }
    std::size_t count(HeaderId id) const {
        std::size_t n = 0;
        for (const Field& field : *this) {
            n += field.id == id ? 1U : 0U;
        }
        return n;
    }
    /// Drops the fields the predicate names, keeping the order of the rest.
    template <typename Predicate>
    void remove_if(Predicate drop) {
        truncate(static_cast<std::size_t>(std::remove_if(begin(), end(), drop) - begin()));
    }
};

/// How the end of a body is known (RFC 9112 section 6.3).
struct Framing {
    enum class Kind : std::uint8_t { None, Length, Chunked, UntilClose };
    Kind kind = Kind::None;
    std::uint64_t length = 0;  ///< for Length

    static Framing none() { return {}; }
    static Framing of_length(std::uint64_t length) { return {Kind::Length, length}; }
    static Framing chunked() { return {Kind::Chunked, 0}; }
    static Framing until_close() { return {Kind::UntilClose, 0}; }
};

struct RequestHead {
    std::string_view method;  ///< a token, as sent
    std::string_view target;  ///< as sent: origin-form, or the path and query of an absolute-form
    std::string_view host;    ///< Host field (or authority of an absolute-form), as sent, with port
    Version version = Version::Http11;
    Fields fields;
    Framing framing;
    bool keep_alive = true;         ///< what the client asked for
    bool expect_continue = false;   ///< the body is sent after our 100
    bool accepts_trailers = false;  ///< "TE: trailers" was sent
    /// The client asks to leave HTTP for WebSocket (RFC 6455 section 4.1).
    bool websocket = false;
};

struct ResponseHead {
    int status = 200;
    std::string_view reason;
    Version version = Version::Http11;
    Fields fields;
    Framing framing;
    bool keep_alive = true;
    bool websocket = false;  ///< a 101 that changes to WebSocket
};

/// "OK" for 200; "" when unknown.
std::string_view reason_of(int status);

}  // namespace lintel::http
