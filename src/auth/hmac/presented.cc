#include "auth/hmac/presented.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/inplace_vector.h"
#include "base/text.h"

namespace lintel::auth {
namespace {

using gateway::Refusal;
using http::HeaderId;

constexpr std::string_view kOneHeaderForm = "hmac-auth-v1#";
constexpr std::string_view kFamily = "x-hmac-";
constexpr std::size_t kMaxSignedHeaders = 64;

constexpr std::array kWatched{
    HeaderId::XHmacAccessKey, HeaderId::XHmacSignature, HeaderId::XHmacAlgorithm,
    HeaderId::XHmacDate,      HeaderId::XHmacDigest,    HeaderId::XHmacSignedHeaders,
    HeaderId::XDate,          HeaderId::Date,           HeaderId::Authorization,
};

std::unexpected<Refusal> missing(std::string_view detail) {
    return std::unexpected(Refusal{.code = Code::AuthMissing, .detail = detail, .reason = detail});
}

bool is_one_header_form(std::string_view authorization) {
    return authorization.size() >= kOneHeaderForm.size() &&
           equals_ignoring_case(authorization.substr(0, kOneHeaderForm.size()), kOneHeaderForm);
}

std::expected<Presented, Refusal> read_one_header(std::string_view authorization) {
    std::array<std::string_view, 6> parts;
    std::size_t count = 0;
    for (const std::string_view part : split(authorization, '#')) {
        if (count < parts.size()) { parts[count] = part; }
        ++count;
    }
    if (count != parts.size()) {
        return std::unexpected(Refusal{.code = Code::AuthInvalid,
                                       .reason = "Authorization does not have the six parts "
                                                 "hmac-auth-v1#KEY#SIGNATURE#ALGORITHM#DATE#"
                                                 "SIGNED_HEADERS"});
    }
    if (parts[1].empty()) { return missing("the access key in Authorization is empty"); }
    return Presented{.access_key = parts[1],
                     .signature = parts[2],
                     .algorithm = parts[3],
                     .date = parts[4],
                     .signed_headers = parts[5],
                     .digest = {}};
}

}  // namespace

std::expected<Presented, Refusal> read_presented(const http::Fields& fields) {
    std::array<const http::Field*, kWatched.size()> found{};
    for (const http::Field& field : fields) {
        const auto watched = std::ranges::find(kWatched, field.id);
        if (watched == kWatched.end()) { continue; }
        const http::Field*& slot = found[static_cast<std::size_t>(watched - kWatched.begin())];
        if (slot != nullptr) {
            return std::unexpected(Refusal{.code = Code::AuthDuplicate, .got = field.name});
        }
        slot = &field;
    }
    const auto value = [&](HeaderId id) {
        const auto at = std::ranges::find(kWatched, id) - kWatched.begin();
        const http::Field* field = found[static_cast<std::size_t>(at)];
        return field == nullptr ? std::string_view() : field->value;
    };

    Presented presented;
    const std::string_view authorization = value(HeaderId::Authorization);
    if (!value(HeaderId::XHmacAccessKey).empty()) {
        presented = {.access_key = value(HeaderId::XHmacAccessKey),
                     .signature = value(HeaderId::XHmacSignature),
                     .algorithm = value(HeaderId::XHmacAlgorithm),
                     .date = {},
                     .signed_headers = value(HeaderId::XHmacSignedHeaders),
                     .digest = {}};
        for (const HeaderId id : {HeaderId::XHmacDate, HeaderId::XDate, HeaderId::Date}) {
            if (presented.date.empty()) { presented.date = value(id); }
        }
    } else if (is_one_header_form(authorization)) {
        const auto read = read_one_header(authorization);
        if (!read) { return read; }
        presented = *read;
    } else {
        return missing("X-HMAC-ACCESS-KEY is missing");
    }
    presented.digest = value(HeaderId::XHmacDigest);
    if (presented.signature.empty()) { return missing("the signature is missing"); }
    if (presented.algorithm.empty()) { return missing("the algorithm is missing"); }
    if (presented.date.empty()) { return missing("the date is missing"); }
    return presented;
}

SignedHeaders read_signed_headers(std::string_view list, const http::Fields& fields, Arena& arena) {
    SignedHeaders read;
    if (list.empty()) { return read; }
    // Nobody has proved anything yet: each field counts once, so that what is signed is no longer
    // than what was sent.
    InplaceVector<std::string_view, kMaxSignedHeaders> names;
    for (const std::string_view part : split(list, ';')) {
        const std::string_view name = trim(part);
        if (name.empty()) { continue; }
        const bool again = std::ranges::any_of(
            names, [&](std::string_view other) { return equals_ignoring_case(other, name); });
        if (again || !is_token(name) || !names.try_push_back(name)) {
            read.fault = again ? "a signed header is listed twice"
                               : "the list of signed headers is malformed";
            return read;
        }
    }
    InplaceVector<std::string_view, 4 * kMaxSignedHeaders> pieces;
    for (const std::string_view name : names) {
        const http::Field* field = fields.find(name);
        const std::string_view value = field == nullptr ? std::string_view() : field->value;
        read.duplicated =
            read.duplicated || std::ranges::count_if(fields, [&](const http::Field& other) {
                                   return equals_ignoring_case(other.name, name);
                               }) > 1;
        for (const std::string_view piece :
             {name, std::string_view(":"), value, std::string_view("\n")}) {
            pieces.try_push_back(piece);
        }
    }
    read.lines = arena.concat(pieces);
    return read;
}

bool carries_signature(const http::Field& field) {
    if (field.id == HeaderId::Authorization) { return is_one_header_form(field.value); }
    return field.name.size() >= kFamily.size() &&
           equals_ignoring_case(field.name.substr(0, kFamily.size()), kFamily);
}

}  // namespace lintel::auth
