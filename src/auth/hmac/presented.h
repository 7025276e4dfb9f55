// The parts of a signature as the client sent them, whichever of the two forms it used. Reads
// fields only; whether any of it is true is decided elsewhere.
#pragma once

#include <expected>
#include <string_view>

#include "base/arena.h"
#include "gateway/verdict.h"
#include "http/message.h"

namespace lintel::auth {

/// Views into the fields of the request.
struct Presented {
    std::string_view access_key;
    std::string_view signature;  ///< text, not yet decoded
    std::string_view algorithm;
    std::string_view date;
    std::string_view signed_headers;  ///< names joined by ";"
    std::string_view digest;          ///< text; empty = none sent
};

/// Either "X-HMAC-*" fields, or, when there is no X-HMAC-ACCESS-KEY, one field
/// "Authorization: hmac-auth-v1#KEY#SIGNATURE#ALGORITHM#DATE#SIGNED_HEADERS". Refuses what is
/// missing, duplicated or has another number of parts. X-HMAC-DATE, then X-Date, stand for Date.
std::expected<Presented, gateway::Refusal> read_presented(const http::Fields& fields);

/// The lines "name:value" that end the string to sign, each with its line feed. The names stand as
/// the client lists them; an absent field has an empty value.
struct SignedHeaders {
    std::string_view lines;
    /// Empty, or why the list cannot be signed.
    std::string_view fault;
    /// A listed field came more than once: which of them is signed nobody could say.
    bool duplicated = false;
};
SignedHeaders read_signed_headers(std::string_view list, const http::Fields& fields, Arena& arena);

/// True for fields that carry (parts of) a signature of this family: the backend sees none of them.
bool carries_signature(const http::Field& field);

}  // namespace lintel::auth
