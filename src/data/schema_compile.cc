#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "data/schema_compiler.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxNodes = 100'000;
constexpr std::size_t kMaxSchemaDepth = 128;  // of schemas written inside each other

}  // namespace

Result<std::shared_ptr<const Schema>> SchemaCompiler::Implementation::compile(
    const Json& schema, std::string_view pointer) {
    faults_.clear();
    const std::size_t first_node = pool_->nodes.size();
    SchemaNode* node = new_node(std::string(pointer));
    // A schema that refers to itself as "#" meets this node again.
    if (&schema == &root_) { targets_.emplace("", node); }
    pending_.push_back({node, &schema});
    while (!pending_.empty() && pool_->nodes.size() <= kMaxNodes) {
        const Pending next = pending_.front();
        pending_.pop_front();
        fill(*next.node, *next.schema, 0);
    }
    if (pool_->nodes.size() > kMaxNodes) {
        fault(std::string(pointer), "schema.too_complex",
              fmt::format("it has more than {} parts", kMaxNodes));
    }
    if (faults_.empty()) { find_loops(first_node); }
    if (!faults_.empty()) {
        Error error{Code::FieldInvalid, "The schema is not valid: " + faults_.front().detail};
        error.faults = std::move(faults_);
        return fail(std::move(error));
    }
    return std::shared_ptr<const Schema>(new Schema(pool_, node));
}

SchemaNode* SchemaCompiler::Implementation::new_node(std::string pointer) {
    SchemaNode& node = pool_->nodes.emplace_back();
    node.pointer = std::move(pointer);
    return &node;
}

void SchemaCompiler::Implementation::fault(const std::string& pointer, std::string code,
                                           std::string detail) {
    if (faults_.size() < Schema::kMaxFaults) {
        faults_.push_back({pointer, std::move(code), std::move(detail)});
    }
}

void SchemaCompiler::Implementation::fill(SchemaNode& node, const Json& schema, std::size_t depth) {
    // The pointer is needed while children are made; the compiled schema does not keep it.
    const std::string pointer = std::move(node.pointer);
    node.pointer.clear();
    if (depth > kMaxSchemaDepth) {
        fault(pointer, "schema.too_complex",
              fmt::format("it is nested deeper than {} levels", kMaxSchemaDepth));
        return;
    }
    if (draft7() && schema.is_boolean()) {
        node.refuses_everything = !schema.get<bool>();
        return;
    }
    if (!schema.is_object()) {
        fault(pointer, "schema.invalid",
              fmt::format("a schema must be an object, not {}", type_name(schema)));
        return;
    }
    const Site site{schema, pointer, node, depth};
    if (const Json* target = find(schema, "$ref")) {
        // Everything beside $ref is ignored in all three dialects.
        need(node.in_place).reference = reference(site, *target);
        return;
    }
    types(site);
    values(site);
    numbers(site);
    strings(site);
    arrays(site);
    objects(site);
    in_place(site);
    if (!drafts()) {
        node.read_only = flag(site, "readOnly");
        node.write_only = flag(site, "writeOnly");
    }
}

const SchemaNode* SchemaCompiler::Implementation::child(const Site& site, const Json& schema,
                                                        const std::string& pointer) {
    SchemaNode* node = new_node(pointer);
    if (pool_->nodes.size() <= kMaxNodes) { fill(*node, schema, site.depth + 1); }
    return node;
}

const SchemaNode* SchemaCompiler::Implementation::child(const Site& site,
                                                        std::string_view keyword) {
    const Json* schema = find(site.schema, keyword);
    return schema == nullptr ? nullptr : child(site, *schema, child_pointer(site.pointer, keyword));
}

const SchemaNode* SchemaCompiler::Implementation::reference(const Site& site, const Json& target) {
    const std::string here = child_pointer(site.pointer, "$ref");
    if (!target.is_string()) {
        fault(here, "schema.ref", "$ref must be a string");
        return nullptr;
    }
    const auto& text = target.get_ref<const std::string&>();
    const auto pointer = pointer_of_fragment(text);
    if (!pointer) {
        fault(here, "schema.ref",
              fmt::format("'{}' does not lead to a place in this document (#/...)", text));
        return nullptr;
    }
    if (const auto known = targets_.find(*pointer); known != targets_.end()) {
        return known->second;
    }
    const Json* schema = resolve_pointer(root_, *pointer);
    if (schema == nullptr) {
        fault(here, "schema.ref", fmt::format("'{}' leads to nothing in this document", text));
        return nullptr;
    }
    SchemaNode* node = new_node(*pointer);
    targets_.emplace(*pointer, node);
    pending_.push_back({node, schema});
    return node;
}

namespace {

std::vector<const SchemaNode*> applied_in_place(const SchemaNode& node) {
    std::vector<const SchemaNode*> next;
    if (node.in_place) {
        const InPlaceRules& rules = *node.in_place;
        next = {rules.reference, rules.none_of, rules.condition, rules.then_branch,
                rules.else_branch};
        for (const auto* list : {&rules.all_of, &rules.any_of, &rules.one_of}) {
            next.insert(next.end(), list->begin(), list->end());
        }
    }
    if (node.object) {
        for (const Dependency& dependency : node.object->dependencies) {
            next.push_back(dependency.schema);
        }
    }
    std::erase(next, nullptr);
    return next;
}

}  // namespace

/// A schema that applies itself to the same value again would never end. Depth-first without
/// recursion.
void SchemaCompiler::Implementation::find_loops(std::size_t first_node) {
    std::set<const SchemaNode*> done;
    struct Step {
        const SchemaNode* node;
        std::vector<const SchemaNode*> next;
    };
    for (std::size_t i = first_node; i < pool_->nodes.size(); ++i) {
        if (done.contains(&pool_->nodes[i])) { continue; }
        std::set<const SchemaNode*> open;
        std::vector<Step> steps;
        const auto enter = [&](const SchemaNode* node) {
            open.insert(node);
            steps.push_back({node, applied_in_place(*node)});
        };
        enter(&pool_->nodes[i]);
        while (!steps.empty()) {
            if (steps.back().next.empty()) {
                open.erase(steps.back().node);
                done.insert(steps.back().node);
                steps.pop_back();
                continue;
            }
            const SchemaNode* next = steps.back().next.back();
            steps.back().next.pop_back();
            if (open.contains(next)) {
                const auto named = std::ranges::find(
                    targets_, next, [](const auto& target) { return target.second; });
                fault(named == targets_.end() ? "" : named->first, "schema.loop",
                      "a schema refers to itself without going into a property or an element");
                return;
            }
            if (!done.contains(next)) { enter(next); }
        }
    }
}

SchemaCompiler::SchemaCompiler(const Json& root, SchemaOptions options)
    : implementation_(std::make_unique<Implementation>(root, options)) {}
SchemaCompiler::~SchemaCompiler() = default;

Result<std::shared_ptr<const Schema>> SchemaCompiler::compile(const Json& schema,
                                                              std::string_view pointer) {
    return implementation_->compile(schema, pointer);
}

const std::vector<Fault>& SchemaCompiler::warnings() const {
    return implementation_->warnings();
}

Schema::Schema(std::shared_ptr<const SchemaPool> pool, const SchemaNode* node)
    : pool_(std::move(pool)), node_(node) {}

Result<std::shared_ptr<const Schema>> Schema::compile(const Json& schema, SchemaOptions options) {
    return SchemaCompiler(schema, options).compile(schema, "");
}

Result<std::shared_ptr<const Schema>> Schema::compile(const Json& schema, const Json& root,
                                                      SchemaOptions options) {
    return SchemaCompiler(root, options).compile(schema, "");
}

}  // namespace lintel::data
