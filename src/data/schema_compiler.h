// The working side of SchemaCompiler: schema_compile.cc walks documents and references,
// schema_keywords.cc reads the keywords of one schema object. Internal to data.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/schema.h"
#include "data/schema_node.h"

namespace lintel::data {

/// Makes the part of a node that some keyword needs; most nodes have few of them.
template <typename Rules>
Rules& need(std::unique_ptr<Rules>& rules) {
    if (!rules) { rules = std::make_unique<Rules>(); }
    return *rules;
}

/// Turns schema objects into nodes. A `$ref` gets its node at once and is compiled from a queue, so
/// that neither recursion nor a long chain of references deepens the stack.
class SchemaCompiler::Implementation {
public:
    Implementation(const Json& root, SchemaOptions options)
        : root_(root), options_(options), pool_(std::make_shared<SchemaPool>()) {}

    Result<std::shared_ptr<const Schema>> compile(const Json& schema, std::string_view pointer);
    const std::vector<Fault>& warnings() const { return warnings_; }

private:
    struct Pending {
        SchemaNode* node;
        const Json* schema;
    };
    /// The schema object being compiled.
    struct Site {
        const Json& schema;
        const std::string& pointer;
        SchemaNode& node;
        std::size_t depth;
    };

    SchemaNode* new_node(std::string pointer);
    void fill(SchemaNode& node, const Json& schema, std::size_t depth);
    const SchemaNode* child(const Site& site, const Json& schema, const std::string& pointer);
    const SchemaNode* child(const Site& site, std::string_view keyword);
    const SchemaNode* reference(const Site& site, const Json& target);

    void types(const Site& site);
    void values(const Site& site);
    void numbers(const Site& site);
    void exclusive_bound(const Site& site, std::string_view keyword, std::optional<Json>& inclusive,
                         std::optional<Json>& exclusive);
    void strings(const Site& site);
    void arrays(const Site& site);
    void tuple(const Site& site, const Json& items);
    void objects(const Site& site);
    void members(const Site& site);
    void pattern_members(const Site& site);
    void additional_members(const Site& site);
    void dependencies(const Site& site);
    void in_place(const Site& site);
    void branches(const Site& site, std::string_view keyword, std::vector<const SchemaNode*>& into);

    bool drafts() const { return options_.dialect != Dialect::OpenApi30; }
    bool draft7() const { return options_.dialect == Dialect::Draft7; }
    std::optional<std::size_t> count(const Site& site, std::string_view keyword);
    std::optional<Json> number(const Site& site, std::string_view keyword);
    bool flag(const Site& site, std::string_view keyword);
    std::shared_ptr<const Pattern> pattern(const Json& text, const std::string& pointer);
    void fault(const std::string& pointer, std::string code, std::string detail);
    void find_loops(std::size_t first_node);

    const Json& root_;
    SchemaOptions options_;
    std::shared_ptr<SchemaPool> pool_;
    std::map<std::string, SchemaNode*, std::less<>> targets_;
    std::deque<Pending> pending_;
    std::vector<Fault> faults_;
    std::vector<Fault> warnings_;
};

}  // namespace lintel::data
