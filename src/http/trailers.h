// The fields behind a body (RFC 9110 section 6.5), kept until someone passes them on. Rare and
// small.
#pragma once

#include <cstddef>
#include <forward_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace lintel::http {

/// RFC 9110 section 6.5.1: what frames, routes, authenticates or describes a message comes ahead of
/// its body.
inline constexpr HeaderSet kNeverTrailing =
    kHopByHop |
    HeaderSet{HeaderId::Authorization,   HeaderId::CacheControl,  HeaderId::ContentEncoding,
              HeaderId::ContentLength,   HeaderId::ContentType,   HeaderId::Cookie,
              HeaderId::Expect,          HeaderId::Forwarded,     HeaderId::Host,
              HeaderId::SetCookie,       HeaderId::XForwardedFor, HeaderId::XForwardedHost,
              HeaderId::XForwardedProto, HeaderId::XRealIp,       HeaderId::XRequestId};

/// Part of a body that arrives.
class Trailers {
public:
    static constexpr std::size_t kMaxBytes = 8192;
    static constexpr std::size_t kMaxFields = 64;

    /// False when they are too many. Those that may not stand behind a body are dropped.
    bool add(std::string_view name, std::string_view value) {
        if (kNeverTrailing.contains(header_id(name))) { return true; }
        bytes_ += name.size() + value.size();
        if (fields_.size() >= kMaxFields || bytes_ > kMaxBytes) { return false; }
        const std::string& kept_name = texts_.emplace_front(name);
        const std::string& kept_value = texts_.emplace_front(value);
        fields_.push_back({.name = kept_name, .value = kept_value, .id = header_id(name)});
        return true;
    }
    void clear() {
        fields_.clear();
        texts_.clear();
        bytes_ = 0;
    }
    std::span<const Field> all() const { return fields_; }

private:
    std::forward_list<std::string> texts_;  // costs nothing while there are none
    std::vector<Field> fields_;
    std::size_t bytes_ = 0;
};

}  // namespace lintel::http
