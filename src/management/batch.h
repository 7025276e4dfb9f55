// The same done to several services at once, each by itself: one that is refused keeps no other
// from being done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "management/management.h"

namespace lintel::management {

enum class BatchAction { Publish, Stop, Start, Delete };
std::optional<BatchAction> parse_batch_action(std::string_view text);  ///< "publish" ...

struct BatchRequest {
    BatchAction action = BatchAction::Stop;
    std::vector<std::string> services = {};      ///< ids or codes, done in this order
    std::vector<std::string> environments = {};  ///< as with one service; not for delete
    std::string note = {};
};

struct BatchItem {
    std::string service = {};           ///< as it was named
    std::optional<Error> refusal = {};  ///< none: done
};

/// One transaction per service. FieldInvalid when the request as a whole cannot be.
Result<Written<std::vector<BatchItem>>> run_batch(Management& m, const Caller& caller,
                                                  const BatchRequest& request);

}  // namespace lintel::management
