// Admits or refuses callers by address: an allow list or a block list.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "embedded/ip_access_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"

namespace lintel::policies {

gateway::PolicyKind ip_access();

namespace {

using data::Json;
using gateway::Exchange;
using gateway::Verdict;

enum class Mode : std::uint8_t { Allow, Block };

/// Immutable; shared by all workers.
class IpAccess final : public gateway::Policy {
public:
    IpAccess(Mode mode, std::vector<IpRange> ranges) : mode_(mode), ranges_(std::move(ranges)) {}

    Verdict on_request(Exchange& exchange) const override {
        const IpAddress& client = exchange.client_address;
        const auto listed = std::ranges::find_if(
            ranges_, [&](const IpRange& range) { return range.contains(client); });
        const bool is_listed = listed != ranges_.end();
        if (is_listed == (mode_ == Mode::Allow)) { return Verdict::proceed(); }

        const std::string rule =
            is_listed ? "ip_access block " + listed->to_string() : "ip_access allow";
        const std::string got = client.to_string();
        return exchange.refuse({
            .code = Code::AccessIpDenied,
            .reason = is_listed ? "the address is on the block list"
                                : "the address is not on the allow list",
            .rule = rule,
            .got = got,
        });
    }

private:
    Mode mode_;
    std::vector<IpRange> ranges_;
};

Result<std::unique_ptr<const gateway::Policy>> build(const Json& config,
                                                     const gateway::BuildContext&) {
    std::vector<IpRange> ranges;
    std::vector<Fault> faults;
    const Json& addresses = config.at("addresses");
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const std::string text = addresses[i].get<std::string>();
        if (const auto range = IpRange::parse(text)) {
            ranges.push_back(*range);
        } else {
            faults.push_back({.pointer = data::child_pointer("/addresses", i),
                              .code = "ip_access.address",
                              .detail = "\"" + text +
                                        "\" is neither an IP address nor a CIDR block whose bits "
                                        "after the prefix are zero"});
        }
    }
    if (!faults.empty()) {
        return fail({.code = Code::FieldInvalid,
                     .message = "some addresses of the list are not valid",
                     .faults = std::move(faults)});
    }
    std::ranges::sort(ranges);
    const auto repeated = std::ranges::unique(ranges);
    ranges.erase(repeated.begin(), repeated.end());
    const Mode mode = config.at("mode") == "allow" ? Mode::Allow : Mode::Block;
    return std::make_unique<const IpAccess>(mode, std::move(ranges));
}

}  // namespace

gateway::PolicyKind ip_access() {
    return {.name = "ip_access",
            .phase = gateway::Phase::Access,
            .schema = embedded::ip_access_schema_json,
            .build = build};
}

}  // namespace lintel::policies
