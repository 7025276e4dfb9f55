// What nearly every file would instantiate anew is instantiated in the precompiled header, once.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lintel::precompiled {

struct Holder {
    nlohmann::ordered_json json = nullptr;
    std::optional<nlohmann::ordered_json> maybe;
    std::vector<std::string> texts;
};

inline nlohmann::ordered_json instantiate(std::vector<Holder> holders) {
    holders.push_back(holders.front());
    nlohmann::ordered_json made{{"text", std::string("x")},
                                {"number", std::int64_t{1}},
                                {"yes", true},
                                {"texts", holders.front().texts}};
    made = nlohmann::ordered_json::object();
    made["text"] = "x";
    return made;
}

}  // namespace lintel::precompiled
