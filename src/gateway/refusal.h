// What a refused caller reads: an RFC 9457 problem document with the stable code and the request
// id, and the header fields that belong to the status.
#pragma once

namespace lintel::gateway {

class Exchange;

/// Renders Exchange::refusal into Exchange::response. The reason, what was expected and what came
/// are told only where the service says so (CompiledService::explain_refusals).
void render_refusal(Exchange& exchange);

}  // namespace lintel::gateway
