// HTTP/1.1 without I/O: bytes in, heads and body pieces out, and the other way round. Strict on
// purpose: what two parsers could read in two ways is refused, never repaired (RFC 9112, and the
// rules in docs of the threat model). Everything parsed is a view into the caller's buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace lintel::http::http1 {

struct HeadLimits {
    std::size_t fields = 100;
    std::size_t head_bytes = 64U << 10;   ///< start line, fields and the empty line
    std::size_t field_bytes = 16U << 10;  ///< one line: name, colon and value
    std::size_t target_bytes = 8U << 10;
    /// "X_A" and "X-A" are the same variable to CGI-like backends, so names with "_" are refused.
    bool allow_underscores = false;
};

enum class Progress : std::uint8_t {
    More,     ///< the head is not complete: call again with more bytes
    Done,     ///< the head is complete and acceptable
    Refused,  ///< see refusal(); nothing after this can be trusted
};

/// Splits a head into lines and fields; what request and response parsers share. Remembers the
/// lines it has seen, so that bytes that trickle in are not read again and again.
class HeadLines {
public:
    explicit HeadLines(const HeadLimits& limits) : limits_(limits) {}
    void reset();
    std::size_t consumed() const { return position_; }

protected:
    enum class Line : std::uint8_t { More, Complete, Empty, Bad };
    /// Finds the field line at the current position; `Empty` is the end of the head.
    Line next_field(std::string_view bytes, Fields& fields);
    Progress refuse(Code code, std::string detail);
    /// Starts again when the caller moved the bytes: views would dangle.
    void follow(std::string_view bytes, Fields& fields);

    HeadLimits limits_;
    std::size_t position_ = 0;  ///< of the first byte that is not parsed yet
    const char* base_ = nullptr;
    bool start_line_done_ = false;
    std::uint64_t seen_ = 0;  ///< one bit per HeaderId
    Error refusal_;
};

/// Request heads. One per connection, reset between requests.
class RequestParser : public HeadLines {
public:
    using HeadLines::HeadLines;
    /// `bytes` begins where the head begins and grows from call to call. On Done, `head` is
    /// complete: framing decided, hop-by-hop fields and Expect removed. On Refused it holds what
    /// was understood.
    Progress parse(std::string_view bytes, RequestHead& head);
    const Error& refusal() const { return refusal_; }

private:
    Progress start_line(std::string_view bytes, RequestHead& head);
    Progress finish(RequestHead& head);
    std::string_view scheme_authority_;  ///< of an absolute-form target
    friend class RequestRules;
};

/// Response heads, interim (1xx) ones included: the caller decides what to do with those.
class ResponseParser : public HeadLines {
public:
    using HeadLines::HeadLines;
    /// `to_head`: the request was HEAD, so there is no body whatever the fields say.
    Progress parse(std::string_view bytes, bool to_head, ResponseHead& head);
    const Error& refusal() const { return refusal_; }

private:
    Progress start_line(std::string_view bytes, ResponseHead& head);
    Progress finish(bool to_head, ResponseHead& head);
};

/// Takes the chunked coding off. Extensions and trailers are checked, bounded and dropped.
class ChunkDecoder {
public:
    enum class Status : std::uint8_t { More, Data, End, Bad };
    struct Step {
        Status status;
        std::size_t consumed = 0;    ///< bytes of the input that are dealt with
        std::string_view data = {};  ///< for Data: a piece of the body, inside the input
    };
    Step decode(std::string_view input);
    void reset() { *this = ChunkDecoder(); }
    std::string_view fault() const { return fault_; }  ///< after Bad: the rule that was broken

private:
    enum class State : std::uint8_t {
        SizeStart,
        Size,
        Extension,
        SizeEnd,
        Data,
        DataCr,
        DataLf,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerEnd,
        LastLf,
        End,
        Bad,
    };
    Status bad(std::string_view rule);
    /// One byte of a size line; false when it breaks a rule.
    bool size_line(unsigned char c);
    bool trailer(unsigned char c);

    State state_ = State::SizeStart;
    std::uint8_t digits_ = 0;
    std::uint16_t line_bytes_ = 0;
    std::uint16_t trailer_bytes_ = 0;
    std::uint64_t left_ = 0;
    std::string_view fault_;
};

/// Writes heads into a buffer. It cannot write anything but canonical HTTP: a method, target, name
/// or value that could break the framing makes the whole head fail.
class HeadWriter {
public:
    explicit HeadWriter(std::span<char> into) : into_(into) {}

    void request_line(std::string_view method, std::string_view path, std::string_view query);
    void status_line(int status);
    void field(std::string_view name, std::string_view value);
    void field(std::string_view name, std::uint64_t value);
    /// Writes the framing field, if any.
    void framing(const Framing& framing);
    /// The empty line. False when something was not canonical or the buffer is too small.
    bool finish();
    std::size_t size() const { return size_; }
    /// False when the buffer was too small, as opposed to bad content.
    bool fits() const { return !overflow_; }

private:
    void put(std::string_view text);

    std::span<char> into_;
    std::size_t size_ = 0;
    bool overflow_ = false;
    bool bad_ = false;
};

/// "1f4\r\n" into `into` (at least 18 bytes); the number of bytes written.
std::size_t write_chunk_size(std::span<char> into, std::uint64_t size);

bool is_token(std::string_view text);
/// No controls but HTAB: what may stand in a field value.
bool is_field_value(std::string_view text);
/// Visible ASCII without "#": what may stand in a request target.
bool is_target(std::string_view text);

}  // namespace lintel::http::http1
