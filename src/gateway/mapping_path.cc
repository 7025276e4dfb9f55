// The path a backend is asked for, put together from literals, what the client called and rows.
#include <algorithm>
#include <utility>

#include "gateway/mapping_plan.h"
#include "gateway/path_template.h"

namespace lintel::gateway {

namespace {

using data::Json;

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

class PathPlanner {
public:
    PathPlanner(const Json& api, Mapping::Plan& plan, std::vector<Fault>& faults)
        : api_(api), plan_(plan), faults_(faults) {}

    void build() {
        const Json* backend = data::find(api_, "backend");
        const Json* config = backend == nullptr ? nullptr : data::find(*backend, "config");
        std::string_view path;
        if (config != nullptr) {
            plan_.method = data::find_string(*config, "method");
            path = data::find_string(*config, "path");
        }
        const std::string_view front = data::find_string(api_, "path");
        const bool has_own_path = !path.empty();
        if (!has_own_path && plan_.path_rows.empty()) { return; }
        if (!has_own_path) { path = front; }
        const std::string_view pointer = has_own_path ? "/backend/config/path" : "/path";
        const Result<PathTemplate> own = parse_backend_path(path);
        const Result<PathTemplate> called = PathTemplate::parse(front);
        if (!own) {
            fault(std::string(pointer), "field.path", own.error().message);
            return;
        }
        if (called) { add_pieces(*own, *called, std::string(pointer)); }
    }

private:
    void fault(std::string pointer, std::string code, std::string detail) {
        faults_.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }

    /// Addresses below "/-/" are the gateway's own on its front only; a backend may have them.
    static Result<PathTemplate> parse_backend_path(std::string_view path) {
        if (path != "/-" && !path.starts_with("/-/")) { return PathTemplate::parse(path); }
        ASSIGN_OR_RETURN(PathTemplate shifted, PathTemplate::parse("/x" + std::string(path)));
        shifted.segments.erase(shifted.segments.begin());
        return shifted;
    }

    void add_pieces(const PathTemplate& own, const PathTemplate& called,
                    const std::string& pointer) {
        for (const TemplateSegment& segment : own.segments) {
            std::string literal = "/";
            for (std::size_t i = 0; i < segment.names.size(); ++i) {
                if (i < segment.literals.size()) { literal += segment.literals[i]; }
                PathPiece piece = piece_of(segment.names[i], segment, called, pointer);
                piece.literal = std::exchange(literal, {});
                plan_.path.push_back(std::move(piece));
            }
            if (segment.kind != TemplateSegment::Kind::Rest) { literal += segment.literals.back(); }
            if (!literal.empty()) { plan_.path.push_back({.literal = std::move(literal)}); }
        }
        const std::vector<std::string> names = own.names();
        for (const Row& row : plan_.path_rows) {
            if (!contains(names, row.name)) {
                fault("/mapping/rows", "mapping.target",
                      "a row writes path parameter '" + row.name +
                          "', but the backend's path has no {" + row.name + "}");
            }
        }
    }

    PathPiece piece_of(const std::string& name, const TemplateSegment& own,
                       const PathTemplate& called, const std::string& pointer) {
        const auto row = std::ranges::find(plan_.path_rows, name, &Row::name);
        if (row != plan_.path_rows.end()) {
            return {.kind = PathPiece::Kind::Row,
                    .row = static_cast<std::size_t>(row - plan_.path_rows.begin())};
        }
        for (const TemplateSegment& segment : called.segments) {
            if (!contains(segment.names, name)) { continue; }
            const bool is_rest = segment.kind == TemplateSegment::Kind::Rest;
            if (is_rest && own.kind != TemplateSegment::Kind::Rest) {
                fault(pointer, "field.path",
                      "{" + name +
                          "} takes a whole rest of the path; write it as the last segment '" +
                          (name == "*" ? name : "{" + name + "+}") + "'");
            }
            return {.kind = is_rest ? PathPiece::Kind::Rest : PathPiece::Kind::Parameter,
                    .name = name};
        }
        fault(pointer, "field.path",
              "nothing gives a value to {" + name +
                  "}: neither the path of the api nor a mapping row names it");
        return {};
    }

    const Json& api_;
    Mapping::Plan& plan_;
    std::vector<Fault>& faults_;
};

}  // namespace

void plan_path(const data::Json& api, Mapping::Plan& plan, std::vector<Fault>& faults) {
    PathPlanner(api, plan, faults).build();
}

}  // namespace lintel::gateway
