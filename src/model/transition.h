// What an event does to a thing that has states: each kind of thing has one table of them.
#pragma once

#include <optional>
#include <string_view>

namespace lintel::model {

/// Either the state that follows or the reason why the event is refused: a sentence with the way
/// out.
template <typename State>
struct Transition {
    std::optional<State> to = {};
    std::string_view refusal = {};
};

}  // namespace lintel::model
