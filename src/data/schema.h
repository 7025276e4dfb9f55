// JSON Schema: compiled once, then used to check many values from many threads. Three dialects: the
// schema object of OpenAPI 3.0 (bodies and parameters of APIs), draft 4 (its closest relative, for
// which a public test suite exists) and draft 7 (settings of plugins). A rejection lists every
// fault with a JSON pointer; strings of the rejected value are never repeated in a fault, because
// they may be secrets.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"

namespace lintel::data {

enum class Dialect { OpenApi30, Draft4, Draft7 };

/// Which way the value travels: a required readOnly property may be missing in a request, a
/// writeOnly one in a response.
enum class Direction { Request, Response };

struct SchemaOptions {
    Dialect dialect = Dialect::OpenApi30;
    /// A pattern that RE2 cannot run (look-around, back-references) is an error; when true it is a
    /// warning and not enforced.
    bool skip_unsupported_patterns = false;
};

struct SchemaNode;
struct SchemaPool;

/// One compiled schema. Immutable; owned by whoever compiled it, shared between threads freely. It
/// keeps everything it refers to alive, but not the JSON it was compiled from.
class Schema {
public:
    /// For a schema that stands alone: `$ref` is resolved inside `schema` itself.
    static Result<std::shared_ptr<const Schema>> compile(const Json& schema,
                                                         SchemaOptions options = {});
    /// `$ref` ("#/...") is resolved in `root`.
    static Result<std::shared_ptr<const Schema>> compile(const Json& schema, const Json& root,
                                                         SchemaOptions options = {});

    /// Appends every fault (at most kMaxFaults in total) and returns whether there was none.
    /// Pointers start with `pointer`.
    bool validate(const Json& value, std::string_view pointer, std::vector<Fault>& faults,
                  Direction direction = Direction::Request) const;

    static constexpr std::size_t kMaxFaults = 50;
    /// Evaluations of subschemas for one value; what needs more is refused with
    /// "schema.too_complex".
    static constexpr std::size_t kMaxSteps = 1'000'000;

private:
    friend class SchemaCompiler;
    Schema(std::shared_ptr<const SchemaPool> pool, const SchemaNode* node);

    std::shared_ptr<const SchemaPool> pool_;
    const SchemaNode* node_;
};

/// Compiles several schemas of one document, so that what they refer to in common is compiled and
/// kept once. Used by one thread; lives as short as the compilation. `root` must outlive it. The
/// schemas may be used when all are compiled.
class SchemaCompiler {
public:
    explicit SchemaCompiler(const Json& root, SchemaOptions options = {});
    ~SchemaCompiler();

    /// `pointer` says where `schema` stands, for faults. Fails with Code::FieldInvalid and all
    /// faults of the schema; a fault in a part that several schemas share is told once, so after a
    /// failure nothing of this compiler is to be used.
    Result<std::shared_ptr<const Schema>> compile(const Json& schema, std::string_view pointer);

    /// What compiled but is not enforced, e.g. patterns RE2 cannot run.
    const std::vector<Fault>& warnings() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// A value that the schema describes: its example or default when there is one, else built from
/// type, enum and format. Recursion ends after a few levels; the value then may lack optional
/// parts. Never fails: an odd schema gives null.
Json example_from_schema(const Json& schema, const Json& root);

}  // namespace lintel::data
