// What a bound use case gets, and what it gives back. Plain values, so that the whole API is tested
// without a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/contract.h"
#include "data/json.h"
#include "management/management.h"
#include "model/labels.h"

namespace lintel::admin {

/// What the API tells about this node, made by the app at start.
struct NodeFacts {
    data::Json settings = data::Json::array();   ///< {name, value, origin, doc, needs_restart} each
    data::Json contract = data::Json::object();  ///< the served OpenAPI document
};

/// Role: one request that passed the contract. Lives on the stack of the dispatcher, one thread.
struct Call {
    management::Management& management;
    const NodeFacts& node;
    const management::Caller* caller =
        nullptr;  ///< null only for operations with x-permission none
    management::ClientInfo client;
    data::Json path = data::Json::object();
    data::Json query = data::Json::object();
    data::Json body = nullptr;
    management::ExpectedVersion expected = {};

    /// A path parameter; the contract guarantees that it is there.
    const std::string& path_text(std::string_view name) const;
    /// "/api/v1/gateways/default": what the addresses of its objects begin with.
    std::string gateway_path() const;
    std::optional<std::string> query_text(std::string_view name) const;
    std::optional<std::int64_t> query_integer(std::string_view name) const;
    bool query_flag(std::string_view name) const;
    std::vector<model::LabelFilter> query_labels() const;
    management::PageRequest page() const;

    std::optional<std::string> body_text(std::string_view name) const;
    std::optional<std::int64_t> body_integer(std::string_view name) const;
    bool body_flag(std::string_view name, bool otherwise) const;
    std::optional<bool> body_switch(std::string_view name) const;
    std::vector<std::string> body_texts(std::string_view name) const;
};

/// "policy", "auth", "backend".
std::string_view family_name(model::Family family);

struct Answer {
    int status = 200;
    data::Json body = nullptr;  ///< null: none
    std::string text = {};      ///< instead of a JSON body
    std::string media_type = "application/json";
    std::optional<std::int64_t> version = {};    ///< the ETag
    std::optional<std::uint64_t> revision = {};  ///< of the data plane that serves this write
    std::string location = {};

    static Answer shown(data::Json body, std::optional<std::int64_t> version = {});
    static Answer created(data::Json body, std::string location, std::uint64_t revision);
    static Answer written(data::Json body, std::optional<std::int64_t> version,
                          std::uint64_t revision);
    static Answer gone(std::optional<std::uint64_t> revision = {});
    /// The same as a 201: the new object is at `location`.
    Answer made_at(std::string location) &&;
};

/// {items, next_page_token}; the token is left out on the last page.
template <typename Item, typename ToJson>
Answer page_answer(const management::Page<Item>& page, ToJson to_json) {
    data::Json items = data::Json::array();
    for (const Item& item : page.items) {
        items.push_back(to_json(item));
    }
    data::Json body{{"items", std::move(items)}};
    if (!page.next_page_token.empty()) { body["next_page_token"] = page.next_page_token; }
    return Answer::shown(std::move(body));
}

template <typename Item, typename ToJson>
Answer list_answer(const std::vector<Item>& list, ToJson to_json) {
    return page_answer(management::Page<Item>{.items = list, .next_page_token = {}}, to_json);
}

}  // namespace lintel::admin
