// The life of a request: pipeline.cc is the file to read first.
#pragma once

#include "async/task.h"

namespace lintel::gateway {

class Exchange;

/// Takes the exchange through all phases. The answer is sent and the request logged when it ends,
/// whatever happened on the way.
Task<void> serve(Exchange& exchange);

}  // namespace lintel::gateway
