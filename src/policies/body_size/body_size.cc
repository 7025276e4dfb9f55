// Refuses requests whose body is larger than an API wants, before anybody looks at it.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "embedded/body_size_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"

namespace lintel::policies {

gateway::PolicyKind body_size();

namespace {

using gateway::Exchange;
using gateway::Verdict;

constexpr std::string_view kName = "body_size";

/// Immutable; shared by all workers.
class BodySize final : public gateway::Policy {
public:
    explicit BodySize(std::uint64_t max_bytes)
        : max_bytes_(max_bytes), rule_(fmt::format("{} {}", kName, max_bytes)) {}

    /// A body that does not say how long it is meets the limit where it is read.
    Verdict on_request(Exchange& exchange) const override {
        exchange.policy_body_limit = std::min(exchange.policy_body_limit, max_bytes_);
        const http::Framing& framing = exchange.inbound.head.framing;
        const bool too_long =
            framing.kind == http::Framing::Kind::Length && framing.length > max_bytes_;
        if (!too_long) { return Verdict::proceed(); }
        return exchange.refuse({
            .code = Code::RequestBodyTooLarge,
            .detail =
                fmt::format("the body has {} bytes; the limit is {}", framing.length, max_bytes_),
            .reason = "Content-Length is beyond the limit",
            .rule = rule_,
        });
    }

private:
    std::uint64_t max_bytes_;
    std::string rule_;
};

Result<std::unique_ptr<const gateway::Policy>> build(const data::Json& config,
                                                     const gateway::BuildContext&) {
    return std::make_unique<const BodySize>(config.at("max_bytes").get<std::uint64_t>());
}

}  // namespace

gateway::PolicyKind body_size() {
    return {.name = kName,
            .phase = gateway::Phase::Access,
            .schema = embedded::body_size_schema_json,
            .build = build};
}

}  // namespace lintel::policies
