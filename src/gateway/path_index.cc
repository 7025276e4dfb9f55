#include "gateway/path_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/inplace_vector.h"
#include "base/prefetch.h"

namespace lintel::gateway {

/// One method of one template.
struct PathIndex::Target {
    std::string_view method;
    const Route* route = nullptr;
    std::vector<std::string> names;  ///< of the parameters, in order
    bool rest_may_be_empty = false;
};

/// What may follow the same beginning of a template.
struct PathIndex::Node {
    using Children =
        std::unordered_map<std::string, std::unique_ptr<Node>, TextHash, std::equal_to<>>;
    struct MixedEdge {
        TemplateSegment segment;
        std::string shape;
        std::unique_ptr<Node> to;
    };

    Children literals;
    std::vector<MixedEdge> mixed;  // more literal characters first
    std::unique_ptr<Node> parameter;
    Targets targets;  // templates that end here
    Targets rest;     // templates that end with "*" or "{x+}" below here

    MixedEdge& mixed_edge(const TemplateSegment& segment, std::string shape) {
        const auto before = [](const MixedEdge& left, const MixedEdge& right) {
            const std::size_t left_length = left.segment.literal_length();
            const std::size_t right_length = right.segment.literal_length();
            if (left_length != right_length) { return left_length > right_length; }
            return left.shape < right.shape;
        };
        const auto same = std::ranges::find(mixed, shape, &MixedEdge::shape);
        if (same != mixed.end()) { return *same; }
        MixedEdge edge{segment, std::move(shape), std::make_unique<Node>()};
        const auto at = std::ranges::upper_bound(mixed, edge, before);
        return *mixed.insert(at, std::move(edge));
    }
};

/// What the segments visited so far hold; the text below a "*" has no name but takes room.
using PathValues = InplaceVector<std::string_view, PathParameters::kMost + 1>;

/// One search. Visits templates from the most to the least specific until one has the method.
struct PathIndex::Visit {
    std::string_view method;
    PathMatch* match = nullptr;
    PathParameters* parameters = nullptr;
    std::vector<std::string_view>* methods = nullptr;  // set: collect them all, never stop
    PathValues values;

    bool accept(const Target& target) {
        if (methods != nullptr) {
            methods->push_back(target.method);
            return false;
        }
        match->path_known = true;
        if (target.method != method) { return false; }
        match->route = target.route;
        parameters->clear();
        for (std::size_t i = 0; i < target.names.size(); ++i) {
            parameters->push_back({.name = target.names[i], .value = values[i]});
        }
        return true;
    }
    bool accept_any(const Targets& targets) {
        return std::ranges::any_of(targets, [this](const Target& t) { return accept(t); });
    }
    bool accept_rest(const Targets& targets, std::string_view rest) {
        values.push_back(rest);
        const bool found = std::ranges::any_of(targets, [&](const Target& target) {
            return (!rest.empty() || target.rest_may_be_empty) && accept(target);
        });
        values.pop_back();
        return found;
    }
};

namespace {

/// Matches "f.{x}" against one segment; every parameter takes at least one character, the shortest
/// that fits. Values go to `values`, also those of a match that fails later.
bool match_mixed(const TemplateSegment& pattern, std::string_view segment, PathValues& values) {
    const auto& literals = pattern.literals;
    if (!segment.starts_with(literals.front())) { return false; }
    segment.remove_prefix(literals.front().size());
    for (std::size_t i = 1; i + 1 < literals.size(); ++i) {
        const auto at = segment.find(literals[i], 1);
        if (at == std::string_view::npos) { return false; }
        values.push_back(segment.substr(0, at));
        segment.remove_prefix(at + literals[i].size());
    }
    const std::string& tail = literals.back();
    if (segment.size() <= tail.size() || !segment.ends_with(tail)) { return false; }
    values.push_back(segment.substr(0, segment.size() - tail.size()));
    return true;
}

/// "f.{}": what tells one mixed edge from another.
std::string shape_of(const TemplateSegment& segment) {
    return PathTemplate{.segments = {segment}}.shape();
}

/// No view at all: the path has ended. An empty view: it ended with a slash.
constexpr std::string_view kEnded{};

}  // namespace

PathIndex::PathIndex(std::span<const std::shared_ptr<const Route>> routes)
    : root_(std::make_unique<Node>()) {
    for (const auto& route : routes) {
        add(*route);
    }
}

PathIndex::~PathIndex() = default;

void PathIndex::add(const Route& route) {
    const Result<PathTemplate> parsed = PathTemplate::parse(route.names.path);
    if (!parsed) { return; }
    if (parsed->is_literal() && parsed->literal_path() == route.names.path) {
        add_literal(route);
        return;
    }
    Targets& targets = targets_of(*parsed);
    Target target{.method = route.names.method,
                  .route = &route,
                  .names = parsed->names(),
                  .rest_may_be_empty = parsed->segments.back().rest_may_be_empty};
    const bool taken = std::ranges::any_of(targets, [&](const Target& other) {
        return other.method == target.method && other.rest_may_be_empty == target.rest_may_be_empty;
    });
    if (!taken) { targets.push_back(std::move(target)); }
}

void PathIndex::add_literal(const Route& route) {
    const Literal* other = find_literal(route.names.path, [&](const Literal& literal) {
        return literal.route->names.method == route.names.method;
    });
    if (other == nullptr) { literals_.add(hash_of(route.names.path), {.route = &route}); }
}

PathIndex::Targets& PathIndex::targets_of(const PathTemplate& parsed) {
    Node* node = root_.get();
    for (const TemplateSegment& segment : parsed.segments) {
        switch (segment.kind) {
            case TemplateSegment::Kind::Rest: return node->rest;  // always the last segment
            case TemplateSegment::Kind::Literal: {
                auto& child = node->literals[segment.literals.front()];
                if (child == nullptr) { child = std::make_unique<Node>(); }
                node = child.get();
                break;
            }
            case TemplateSegment::Kind::Mixed:
                node = node->mixed_edge(segment, shape_of(segment)).to.get();
                break;
            case TemplateSegment::Kind::Parameter:
                if (node->parameter == nullptr) { node->parameter = std::make_unique<Node>(); }
                node = node->parameter.get();
                break;
        }
    }
    return node->targets;
}

template <typename Is>
const PathIndex::Literal* PathIndex::find_literal(std::string_view path, Is&& is) const {
    return literals_.find(hash_of(path), [&](const Literal& literal) {
        prefetch(literal.route, sizeof(Route));
        return literal.route->names.path == path && is(literal);
    });
}

bool PathIndex::walk(const Node& node, std::string_view rest, Visit& visit) {
    if (rest.data() == nullptr) {
        return visit.accept_any(node.targets) || visit.accept_rest(node.rest, "");
    }
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const std::string_view next = slash == std::string_view::npos ? kEnded : rest.substr(slash + 1);

    if (const auto child = node.literals.find(segment); child != node.literals.end()) {
        if (walk(*child->second, next, visit)) { return true; }
    }
    for (const Node::MixedEdge& edge : node.mixed) {
        const std::size_t before = visit.values.size();
        if (match_mixed(edge.segment, segment, visit.values) && walk(*edge.to, next, visit)) {
            return true;
        }
        visit.values.truncate(before);
    }
    if (node.parameter != nullptr && !segment.empty()) {
        visit.values.push_back(segment);
        if (walk(*node.parameter, next, visit)) { return true; }
        visit.values.pop_back();
    }
    return !node.rest.empty() && visit.accept_rest(node.rest, rest);
}

PathMatch PathIndex::find(std::string_view path, std::string_view method,
                          PathParameters& parameters) const {
    LINTEL_ASSERT(path.starts_with('/'), "only canonical paths are matched");
    PathMatch match;
    const Literal* literal = find_literal(path, [&](const Literal& held) {
        match.path_known = true;
        return held.route->names.method == method;
    });
    if (literal != nullptr) {
        match.route = literal->route;
        parameters.clear();
        return match;
    }
    Visit visit;
    visit.method = method;
    visit.match = &match;
    visit.parameters = &parameters;
    walk(*root_, path.substr(1), visit);
    return match;
}

std::string_view PathIndex::allowed_methods(std::string_view path, Arena& arena) const {
    std::vector<std::string_view> methods;
    Visit visit;
    visit.methods = &methods;
    find_literal(path, [&](const Literal& literal) {
        methods.push_back(literal.route->names.method);
        return false;
    });
    walk(*root_, path.substr(1), visit);
    std::ranges::sort(methods);
    const auto repeated = std::ranges::unique(methods);
    methods.erase(repeated.begin(), repeated.end());
    return arena.copy(fmt::format("{}", fmt::join(methods, ", ")));
}

}  // namespace lintel::gateway
