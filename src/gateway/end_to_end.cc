#include "gateway/end_to_end.h"

#include "base/text.h"

namespace lintel::gateway {

bool is_backends_job(http::HeaderId id) {
    switch (id) {
        case http::HeaderId::Host:
        case http::HeaderId::ContentLength:
        case http::HeaderId::Expect:
        case http::HeaderId::Forwarded:
        case http::HeaderId::XForwardedFor:
        case http::HeaderId::XForwardedHost:
        case http::HeaderId::XForwardedProto:
        case http::HeaderId::XRealIp:
        case http::HeaderId::XRequestId: return true;
        default: return http::is_hop_by_hop(id);
    }
}

bool is_representation(http::HeaderId id) {
    return id == http::HeaderId::Accept || id == http::HeaderId::AcceptEncoding ||
           id == http::HeaderId::ContentType || id == http::HeaderId::ContentEncoding;
}

bool is_named_by_connection(const http::Fields& fields, std::string_view name) {
    for (const http::Field& field : fields) {
        if (field.id != http::HeaderId::Connection) { continue; }
        for (const std::string_view token : split(field.value, ',')) {
            if (equals_ignoring_case(trim(token), name)) { return true; }
        }
    }
    return false;
}

bool names_fields(const http::Fields& fields) {
    const http::Field* field = fields.find(http::HeaderId::Connection);
    if (field == nullptr) { return false; }
    return fields.count(http::HeaderId::Connection) > 1 ||
           (!equals_ignoring_case(field->value, "keep-alive") &&
            !equals_ignoring_case(field->value, "close"));
}

}  // namespace lintel::gateway
