#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "openapi/read_operation.h"

namespace lintel::openapi {
namespace {

bool names_hmac(std::string_view text) {
    return to_lower(text).find("hmac") != std::string::npos;
}

/// One security requirement set, read for the ways of authentication we can enforce.
class SecurityReader {
public:
    SecurityReader(Source& source, const Place& alternatives)
        : source_(source), alternatives_(alternatives) {}

    /// The first alternative with an enforceable member. What cannot be enforced is never silently
    /// left open.
    AuthChoice read() {
        std::vector<Place> closed;
        for (std::size_t i = 0; i < alternatives_.value->size(); ++i) {
            const Place alternative = alternatives_.element(i);
            if (!alternative.value->is_object()) {
                source_.fault(alternative.pointer, "openapi.type",
                              "a security requirement must be an object");
            } else if (!alternative.value->empty()) {
                closed.push_back(alternative);
            }
        }
        if (closed.empty()) { return AuthChoice::None; }
        for (const Place& alternative : closed) {
            if (const auto choice = enforceable(alternative)) {
                if (alternatives_.value->size() > 1) {
                    source_.warn(alternatives_.pointer, "openapi.security_alternatives",
                                 fmt::format("of {} alternatives '{}' is enforced",
                                             alternatives_.value->size(), choice->second));
                }
                return choice->first;
            }
        }
        const std::string name = closed.front().first_member().first;
        source_.warn(
            alternatives_.pointer, "openapi.security_unknown",
            fmt::format("the security scheme '{}' cannot be enforced; BasicAuth is used instead",
                        name));
        return AuthChoice::Basic;
    }

private:
    std::optional<std::pair<AuthChoice, std::string>> enforceable(const Place& alternative) {
        for (const auto& [name, scopes] : alternative.value->items()) {
            const auto choice = scheme(name);
            if (!choice) { continue; }
            if (alternative.value->size() > 1) {
                source_.warn(alternative.pointer, "openapi.security_combined",
                             fmt::format("of {} schemes that hold together only '{}' is enforced",
                                         alternative.value->size(), name));
            }
            return std::pair(*choice, name);
        }
        return std::nullopt;
    }

    std::optional<AuthChoice> scheme(const std::string& name) {
        const auto components = source_.top().member("components");
        const auto schemes = components ? components->member("securitySchemes") : std::nullopt;
        const auto member = schemes ? schemes->member(name) : std::nullopt;
        const auto place = member ? source_.follow(*member) : std::nullopt;
        if (!place) { return std::nullopt; }
        const std::string type = source_.text(*place, "type");
        if (type == "http") {
            const bool basic = equals_ignoring_case(source_.text(*place, "scheme"), "basic");
            if (basic) { return AuthChoice::Basic; }
        }
        if (type == "oauth2") { return AuthChoice::OAuth2; }
        const bool hmac = names_hmac(name) || names_hmac(source_.text(*place, "name")) ||
                          names_hmac(source_.text(*place, "x-auth")) ||
                          names_hmac(source_.text(*place, "scheme"));
        if (hmac) { return AuthChoice::Hmac; }
        return std::nullopt;
    }

    Source& source_;
    const Place& alternatives_;
};

}  // namespace

AuthChoice read_security(ReadContext& context, const Place& operation) {
    Source& source = context.source;
    auto alternatives = source.array(operation, "security");
    if (!operation.member("security")) { alternatives = source.array(source.top(), "security"); }
    if (!alternatives) { return AuthChoice::None; }
    return SecurityReader(source, *alternatives).read();
}

}  // namespace lintel::openapi
