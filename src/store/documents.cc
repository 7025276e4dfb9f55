#include "store/documents.h"

namespace lintel::store {

Result<data::Json> read_document(const std::string& text, std::string_view what) {
    Result<data::Json> document =
        data::parse_json(text, {.max_depth = 512, .max_nodes = 50'000'000});
    if (!document) {
        return fail(Code::Internal, "A stored document cannot be read.",
                    std::string(what) + ": " + document.error().message);
    }
    return document;
}

}  // namespace lintel::store
