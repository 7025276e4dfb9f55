#include "model/change.h"

#include "model/names.h"

namespace lintel::model {

namespace {

using Kind = Change::Kind;

constexpr Names<Kind, 6> kKinds{{{Kind::Service, "service"},
                                 {Kind::Credentials, "credentials"},
                                 {Kind::Domains, "domains"},
                                 {Kind::Certificate, "certificate"},
                                 {Kind::Upstreams, "upstreams"},
                                 {Kind::Everything, "everything"}}};

}  // namespace

std::string_view name(Change::Kind kind) {
    return name_of(kKinds, kind);
}

std::optional<Change::Kind> parse_change_kind(std::string_view text) {
    return value_of(kKinds, text);
}

}  // namespace lintel::model
