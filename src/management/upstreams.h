// Upstreams and their servers. Every change takes effect at once, without a publish.
#pragma once

#include <optional>
#include <string>

#include "management/management.h"
#include "model/upstream.h"

namespace lintel::management {

inline constexpr int kMaxUpstreams = 1000;

/// By name.
Result<Page<model::Upstream>> list_upstreams(Management& m, const Caller& caller,
                                             const PageRequest& page);
Result<model::Upstream> show_upstream(Management& m, const Caller& caller,
                                      const std::string& upstream);
/// How the upstream and its servers are, seen by this node.
Result<UpstreamHealth> show_upstream_health(Management& m, const Caller& caller,
                                            const std::string& upstream);

/// `wanted` has what the owner decides; the rest is given here.
Result<Written<model::Upstream>> create_upstream(Management& m, const Caller& caller,
                                                 const model::Upstream& wanted);
/// The name stays: backends call the upstream by it.
Result<Written<model::Upstream>> replace_upstream(Management& m, const Caller& caller,
                                                  const std::string& upstream,
                                                  const model::Upstream& wanted,
                                                  ExpectedVersion expected);
/// Refused while a draft or a deployed release uses it.
Result<Written<model::Upstream>> delete_upstream(Management& m, const Caller& caller,
                                                 const std::string& upstream,
                                                 ExpectedVersion expected);

/// Names a server of an upstream by its address.
struct ServerRef {
    std::string upstream = {};
    std::string address = {};
};

struct ServerEdit {
    std::optional<std::int64_t> weight = {};  ///< 0 drains: calls under way end, no new ones come
    std::optional<bool> backup = {};
    std::optional<bool> enabled = {};
};

Result<Written<model::Upstream>> add_upstream_server(Management& m, const Caller& caller,
                                                     const std::string& upstream,
                                                     const model::UpstreamServer& server);
Result<Written<model::Upstream>> edit_upstream_server(Management& m, const Caller& caller,
                                                      const ServerRef& ref, const ServerEdit& edit,
                                                      ExpectedVersion expected);
Result<Written<model::Upstream>> remove_upstream_server(Management& m, const Caller& caller,
                                                        const ServerRef& ref,
                                                        ExpectedVersion expected);

}  // namespace lintel::management
