#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "http/http1.h"
#include "http/http1_text.h"

namespace lintel::http::http1 {

ChunkDecoder::Step ChunkDecoder::bad(std::string_view rule) {
    state_ = State::Bad;
    fault_ = rule;
    return {.status = Status::Bad};
}

bool ChunkDecoder::broken(std::string_view rule) {
    bad(rule);
    return false;
}

ChunkDecoder::Step ChunkDecoder::decode(std::string_view input) {
    std::size_t at = 0;
    while (state_ != State::End) {
        if (state_ == State::Bad) { return {.status = Status::Bad}; }
        if (at == input.size()) { return {.status = Status::More, .consumed = at}; }
        if (state_ == State::Data) {
            const auto size =
                static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - at));
            left_ -= size;
            if (left_ == 0) { state_ = State::DataCr; }
            return {.status = Status::Data, .consumed = at + size, .data = input.substr(at, size)};
        }
        if (!accept(input[at])) { return {.status = Status::Bad}; }
        ++at;
    }
    return {.status = Status::End, .consumed = at};
}

bool ChunkDecoder::expect(char c, char wanted, State next) {
    if (c != wanted) { return broken("a chunk line does not end with CR LF"); }
    state_ = next;
    return true;
}

bool ChunkDecoder::accept(char c) {
    switch (state_) {
        case State::SizeStart:
        case State::Size:
        case State::Extension: return accept_size(c);
        case State::SizeLf:
            digits_ = 0;
            line_bytes_ = 0;
            return expect(c, '\n', left_ == 0 ? State::TrailerStart : State::Data);
        case State::DataCr: return expect(c, '\r', State::DataLf);
        case State::DataLf: return expect(c, '\n', State::SizeStart);
        case State::LastLf: return expect(c, '\n', State::End);
        default: return accept_trailer(c);
    }
}

bool ChunkDecoder::accept_size(char c) {
    if (++line_bytes_ > kMaxSizeLine) { return broken("a chunk size line is too long"); }
    if (state_ == State::Extension) {
        if (c == '\r') {
            state_ = State::SizeLf;
        } else if (!kValueChars.contains(c)) {
            return broken("a chunk extension holds a control character");
        }
        return true;
    }
    if (const int digit = hex_value(c); digit >= 0) {
        if (++digits_ > kMaxDigits) { return broken("a chunk size has more than 15 digits"); }
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        state_ = State::Size;
        return true;
    }
    if (state_ == State::SizeStart) { return broken("a chunk size is not a hexadecimal number"); }
    if (c == '\r') {
        state_ = State::SizeLf;
    } else if (c == ';') {
        state_ = State::Extension;
    } else {
        return broken("a chunk size is not a hexadecimal number");
    }
    return true;
}

bool ChunkDecoder::accept_trailer(char c) {
    if (++trailer_bytes_ > kMaxTrailers) { return broken("the trailers are too long"); }
    if (trailers_ != nullptr) { line_.push_back(c); }
    switch (state_) {
        case State::TrailerStart:
            if (c == '\r') {
                state_ = State::LastLf;
                return true;
            }
            if (!kTokenCharacters.contains(c)) { return broken("a trailer has no valid name"); }
            state_ = State::TrailerName;
            return true;
        case State::TrailerName:
            if (c == ':') {
                state_ = State::TrailerValue;
                return true;
            }
            return kTokenCharacters.contains(c) || broken("a trailer has no valid name");
        case State::TrailerValue:
            if (c == '\r') {
                state_ = State::TrailerLf;
                return true;
            }
            return !!kValueChars.contains(c) || broken("a trailer holds a control character");
        default: return expect(c, '\n', State::TrailerStart) && keep_trailer();
    }
}

bool ChunkDecoder::keep_trailer() {
    if (trailers_ == nullptr) { return true; }
    const std::string_view line = std::string_view(line_).substr(0, line_.size() - 2);
    const std::size_t colon = line.find(':');
    const bool kept = trailers_->add(line.substr(0, colon), trim(line.substr(colon + 1)));
    line_.clear();
    return kept || broken("there are too many trailers");
}

void BodyDecoder::begin(const Framing& framing) {
    kind_ = framing.kind;
    left_ = kind_ == Framing::Kind::Length ? framing.length : 0;
    ended_ = kind_ == Framing::Kind::None || (kind_ == Framing::Kind::Length && left_ == 0);
    chunks_.reset();
}

BodyDecoder::Step BodyDecoder::decode(std::string_view input) {
    if (ended_) { return {.status = Status::End}; }
    if (kind_ == Framing::Kind::Chunked) {
        const Step step = chunks_.decode(input);
        ended_ = step.status == Status::End;
        return step;
    }
    if (input.empty()) { return {.status = Status::More}; }
    std::size_t size = input.size();
    if (kind_ == Framing::Kind::Length) {
        size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
        left_ -= size;
        ended_ = left_ == 0;
    }
    return {.status = Status::Data, .consumed = size, .data = input.substr(0, size)};
}

std::size_t write_chunk_size(std::span<char> into, std::uint64_t size) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::size_t digits = 1;
    while (digits < 16 && (size >> (4 * digits)) != 0) {
        ++digits;
    }
    for (std::size_t i = digits; i-- > 0; size >>= 4U) {
        into[i] = kDigits[size & 15U];
    }
    into[digits] = '\r';
    into[digits + 1] = '\n';
    return digits + 2;
}

}  // namespace lintel::http::http1
