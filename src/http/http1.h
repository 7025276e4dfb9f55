// HTTP/1.1 without I/O: bytes in, heads and body pieces out, and the other way round. Strict on
// purpose: what two parsers could read in two ways is refused, never repaired (RFC 9112, and the
// rules in docs of the threat model). Everything parsed is a view into the caller's buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/small_vector.h"
#include "http/message.h"
#include "http/trailers.h"

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
    HeadLines(const HeadLines&) = delete;
    HeadLines& operator=(const HeadLines&) = delete;
    void reset();
    /// After Done: how many bytes the head took.
    std::size_t consumed() const { return position_; }
    const Error& refusal() const { return refusal_; }

protected:
    /// The codes of refusals: too large, and everything else.
    struct Codes {
        Code malformed;
        Code too_large;
    };

    HeadLines(const HeadLimits& limits, Codes codes) : limits_(limits), codes_(codes) {}
    ~HeadLines() = default;
    /// Takes the field lines from the current position on; Done after the empty line.
    Progress read_fields(std::string_view bytes, Fields& fields);
    [[gnu::cold]] Progress refuse(Code code, std::string detail);
    Progress refuse(std::string detail) { return refuse(codes_.malformed, std::move(detail)); }
    /// True when the line that begins at the current position, or the head, is too long so far.
    bool too_long(std::size_t reached) {
        return (reached - position_ > limits_.field_bytes || reached > limits_.head_bytes) &&
               refuse_length(reached);
    }
    /// Starts again when the caller moved the bytes: views would dangle.
    void follow(std::string_view bytes, Fields& fields);
    bool seen(HeaderId id) const { return seen_.contains(id); }
    bool seen_twice(HeaderId id) const { return seen_twice_.contains(id); }
    /// Reads every Connection field. False when a name in it is not a token or there are too many.
    bool read_connection(const Fields& fields);
    bool named_in_connection(std::string_view name) const;
    /// Content-Length, or false when it is not one plain number.
    static bool read_length(std::string_view text, std::uint64_t& length);

    const HeadLimits limits_;
    const Codes codes_;
    std::size_t position_ = 0;  ///< of the first byte that is not parsed yet
    const char* base_ = nullptr;
    bool start_line_done_ = false;
    bool close_ = false;       ///< Connection: close
    bool keep_alive_ = false;  ///< Connection: keep-alive
    HeaderSet seen_;
    HeaderSet seen_twice_;
    SmallVector<std::string_view, 2, 16> named_;  ///< other names in Connection
    Error refusal_;

private:
    enum class Line : std::uint8_t { More, Complete, Empty, Bad };

    /// Takes the field line at the current position; Empty is the end of the head.
    Line next_field(std::string_view bytes, Fields& fields);
    /// What a line is that is not complete and acceptable.
    Line not_a_field(std::string_view bytes, const char* name_end, const char* line_end);
    Line end_of_head(std::string_view bytes);
    /// True, with the refusal set.
    [[gnu::cold]] bool refuse_length(std::size_t reached);
    [[gnu::cold]] Line bad(std::string_view rule);
    [[gnu::cold]] Line bad(Code code, std::string detail);
    [[gnu::cold]] Line bad_name(const char* at, bool at_start);
};

/// Request heads. One per connection, reset between requests.
class RequestParser final : public HeadLines {
public:
    explicit RequestParser(const HeadLimits& limits)
        : HeadLines(limits, {Code::RequestMalformed, Code::RequestHeadTooLarge}) {}
    /// `bytes` begins where the head begins and grows from call to call. On Done, `head` is
    /// complete: framing decided, hop-by-hop fields and Expect removed. On Refused it holds what
    /// was understood.
    Progress parse(std::string_view bytes, RequestHead& head);

private:
    Progress start_line(std::string_view bytes, RequestHead& head);
    Progress version(std::string_view bytes, std::size_t at, RequestHead& head);
    Progress target(RequestHead& head);
    Progress finish(RequestHead& head);
    Progress host(RequestHead& head);
    Progress framing(RequestHead& head);
    Progress connection(RequestHead& head);
    bool asks_for_websocket(const RequestHead& head) const;

    std::string_view authority_;  ///< of an absolute-form target
};

/// Response heads, interim (1xx) ones included: the caller decides what to do with those.
class ResponseParser final : public HeadLines {
public:
    explicit ResponseParser(const HeadLimits& limits)
        : HeadLines(with_underscores(limits), {Code::BackendBadAnswer, Code::BackendBadAnswer}) {}
    /// `to_head`: the request was HEAD, so there is no body whatever the fields say; `framing` then
    /// tells the length a GET would have had.
    Progress parse(std::string_view bytes, bool to_head, ResponseHead& head);

private:
    /// Backends may use them: names of answers are not turned into variables.
    static HeadLimits with_underscores(HeadLimits limits) {
        limits.allow_underscores = true;
        return limits;
    }
    Progress start_line(std::string_view bytes, ResponseHead& head);
    Progress finish(bool to_head, ResponseHead& head);
    Progress framing(bool to_head, ResponseHead& head);
};

/// Takes the chunked coding off. Extensions are checked, bounded and dropped; trailers as well,
/// unless someone keeps them.
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
    /// What comes behind the last chunk goes there; it must outlive the decoding.
    void keep_trailers(Trailers& trailers) { trailers_ = &trailers; }
    std::string_view fault() const { return fault_; }  ///< after Bad: the rule that was broken

private:
    enum class State : std::uint8_t {
        SizeStart,  ///< before the first digit
        Size,       ///< in the digits
        Extension,  ///< after ";"
        SizeLf,     ///< after the CR of a size line
        Data,
        DataCr,  ///< after the data of a chunk
        DataLf,
        TrailerStart,  ///< at the begin of a trailer line, or of the empty line
        TrailerName,
        TrailerValue,
        TrailerLf,
        LastLf,  ///< after the CR of the empty line
        End,
        Bad,
    };
    static constexpr std::uint16_t kMaxSizeLine = 256;
    static constexpr std::uint16_t kMaxTrailers = 8192;
    static constexpr std::uint8_t kMaxDigits = 15;

    Step bad(std::string_view rule);
    /// One byte outside of the data. False when it breaks a rule.
    bool accept(char c);
    bool accept_size(char c);
    bool accept_trailer(char c);
    /// The line is complete.
    bool keep_trailer();
    bool broken(std::string_view rule);
    bool expect(char c, char wanted, State next);

    State state_ = State::SizeStart;
    std::uint8_t digits_ = 0;
    std::uint16_t line_bytes_ = 0;
    std::uint16_t trailer_bytes_ = 0;
    std::uint64_t left_ = 0;
    std::string_view fault_;
    Trailers* trailers_ = nullptr;
    std::string line_;  ///< of a trailer that is kept
};

/// Takes any body apart: by length, chunks or up to the end of the connection.
class BodyDecoder {
public:
    using Status = ChunkDecoder::Status;
    using Step = ChunkDecoder::Step;

    void begin(const Framing& framing);
    void keep_trailers(Trailers& trailers) { chunks_.keep_trailers(trailers); }
    /// Until a step says More, nothing new need be received. End and Bad are final.
    Step decode(std::string_view input);
    /// The body is complete: no step will give data.
    bool ended() const { return ended_; }
    /// For until-close bodies: the connection ended, and with it the body.
    void close() { ended_ = true; }
    Framing::Kind kind() const { return kind_; }
    /// What is certainly still to come; 0 for bodies of unknown length.
    std::uint64_t certain_rest() const { return left_; }
    std::string_view fault() const { return chunks_.fault(); }

private:
    Framing::Kind kind_ = Framing::Kind::None;
    bool ended_ = true;
    std::uint64_t left_ = 0;
    ChunkDecoder chunks_;
};

/// Writes heads into a buffer. It cannot write anything but canonical HTTP: a method, target, name
/// or value that could break the framing makes the whole head fail.
class HeadWriter {
public:
    explicit HeadWriter(std::span<char> into) : into_(into) {}

    void request_line(std::string_view method, std::string_view path, std::string_view query);
    void status_line(int status);
    /// Instead of a first line: the end of a chunked body, before its trailers.
    void last_chunk() { put("0\r\n"); }
    void field(std::string_view name, std::string_view value);
    /// A field of a received message. Lines that came in one after the other, each in canonical
    /// form, go out as one block.
    void field(const Field& field);
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
    /// Writes the received lines that wait to be passed on.
    void put_run();
    /// Three parts and the line end, with one check of the room.
    void put_line(std::string_view first, std::string_view between, std::string_view second);

    std::span<char> into_;
    std::size_t size_ = 0;
    const char* run_begin_ = nullptr;  ///< received lines that are passed on together
    const char* run_end_ = nullptr;
    bool overflow_ = false;
    bool bad_ = false;
};

/// Origin-form, in characters that cannot break a request line.
bool is_request_target(std::string_view target);

/// "1f4\r\n" into `into` (at least 18 bytes); the number of bytes written.
std::size_t write_chunk_size(std::span<char> into, std::uint64_t size);

}  // namespace lintel::http::http1
