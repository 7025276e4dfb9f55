// An answer that is written down beforehand: status, header fields, body. What a mock gives, and a
// policy that answers instead of a backend.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "data/json.h"

namespace lintel::gateway {

class Exchange;

/// A value; what an exchange is given refers to it, so it must be part of the snapshot.
struct FixedAnswer {
    static constexpr std::size_t kMaxBody = 64 * 1024;

    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};

    /// From {status, headers, body}, each optional. The faults point into it.
    static FixedAnswer read(const data::Json& config, int usual_status, std::vector<Fault>& faults);
    /// RFC 9110: with these statuses there is no content.
    bool has_no_content() const { return status == 204 || status == 205 || status == 304; }
    bool has_content_type() const;
    void give(Exchange& exchange) const;
};

}  // namespace lintel::gateway
