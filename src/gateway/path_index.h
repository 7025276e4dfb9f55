// The APIs of one service in one environment, found by path and method. Immutable after build;
// rebuilt only when that service is published.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/flat_index.h"
#include "gateway/path_template.h"
#include "gateway/route.h"

namespace lintel::gateway {

/// What a path and method lead to.
struct PathMatch {
    const Route* route = nullptr;
    bool path_known = false;  ///< a template matches the path, whatever its method
};

/// Fully literal templates that are canonical paths stand in a flat hash table, the rest in a trie
/// by segment whose edges are tried in the order of precedence: literal, mixed (more literal
/// characters first), parameter, rest.
class PathIndex {
public:
    /// Templates that do not parse match nothing, and of two with the same shape and method only
    /// one is found: the compiler has refused both before. The routes outlive the index.
    explicit PathIndex(std::span<const std::shared_ptr<const Route>> routes);
    PathIndex(const PathIndex&) = delete;
    PathIndex& operator=(const PathIndex&) = delete;
    ~PathIndex();

    /// The most specific template that matches the canonical path and has the method; `parameters`
    /// becomes what it takes from the path.
    PathMatch find(std::string_view path, std::string_view method,
                   PathParameters& parameters) const;
    /// "GET, POST": the methods of all templates that match the path, in the arena.
    std::string_view allowed_methods(std::string_view path, Arena& arena) const;

private:
    struct Target;
    struct Node;
    struct Visit;
    using Targets = std::vector<Target>;

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    /// One method of a literal path: a slot of the index.
    struct Literal {
        std::uint32_t tag = 0;
        const Route* route = nullptr;
    };

    void add(const Route& route);
    void add_literal(const Route& route);
    Targets& targets_of(const PathTemplate& parsed);
    /// Asks about the routes with the literal path until `is` says yes.
    template <typename Is>
    const Literal* find_literal(std::string_view path, Is&& is) const;
    static bool walk(const Node& node, std::string_view rest, Visit& visit);

    FlatIndex<Literal> literals_;
    std::unique_ptr<Node> root_;
};

}  // namespace lintel::gateway
