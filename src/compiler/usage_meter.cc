#include "compiler/usage_meter.h"

#include <array>
#include <optional>
#include <utility>

namespace lintel::compiler {

namespace {
constexpr std::array kKinds{std::pair(gateway::PairKind::Basic, model::KeyPairType::Basic),
                            std::pair(gateway::PairKind::OAuth2, model::KeyPairType::OAuth2),
                            std::pair(gateway::PairKind::Hmac, model::KeyPairType::Hmac)};
}  // namespace

void UsageMeter::add_pairs(const gateway::CredentialTable& credentials,
                           management::Usage& usage) const {
    for (const auto& credential : credentials.all()) {
        for (const auto& [kind, type] : kKinds) {
            if (const std::optional<TimeMs> at = credential->use->report(kind)) {
                usage.last_used[{model::CredentialId(credential->id), type}] = *at;
            }
        }
    }
}

void UsageMeter::add_calls(management::Usage& usage) {
    std::vector<std::uint64_t> calls = gateway_.calls();
    counted_.resize(calls.size());
    // What "other" stands for nobody knows.
    for (std::uint32_t id = gateway::MetricsRegistry::kOther + 1; id < calls.size(); ++id) {
        if (calls[id] == counted_[id]) { continue; }
        const gateway::SeriesLabels labels = metrics_.labels(id);
        usage.calls[{labels.environment, labels.service}] +=
            static_cast<std::int64_t>(calls[id] - counted_[id]);
    }
    counted_ = std::move(calls);
}

}  // namespace lintel::compiler
