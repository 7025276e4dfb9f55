#include "gateway/mapping.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/prefetch.h"
#include "base/text.h"
#include "data/parameter_style.h"
#include "gateway/exchange.h"
#include "gateway/mapping_plan.h"
#include "gateway/media_type.h"
#include "gateway/request_body.h"
#include "gateway/route.h"
#include "gateway/uri_text.h"

namespace lintel::gateway {

using data::Json;

bool QueryNames::covers(std::string_view name) const {
    return (!prefix.empty() && name.starts_with(prefix)) ||
           std::ranges::find(exact, name) != exact.end();
}

namespace {

/// The environment as its own gateway calls it: "release" of "release.shop".
std::string_view code_of(std::string_view environment) {
    return environment.substr(0, environment.find('.'));
}

using http::HeaderId;

/// Fields that the backend writes itself, or that only concern the client's connection.
constexpr http::HeaderSet kBackendsJob =
    http::kHopByHop | http::HeaderSet{HeaderId::Host,
                                      HeaderId::ContentLength,
                                      HeaderId::Expect,
                                      HeaderId::Forwarded,
                                      HeaderId::XForwardedFor,
                                      HeaderId::XForwardedHost,
                                      HeaderId::XForwardedProto,
                                      HeaderId::XRealIp,
                                      HeaderId::XRequestId,
                                      HeaderId::XStage};
/// Fields without which a body or an answer would be misread; only_mapped keeps them.
constexpr http::HeaderSet kRepresentation = {HeaderId::Accept, HeaderId::AcceptEncoding,
                                             HeaderId::ContentType, HeaderId::ContentEncoding};

bool is_named(const std::vector<std::string>& names, std::string_view field) {
    return std::ranges::any_of(
        names, [&](const std::string& name) { return equals_ignoring_case(name, field); });
}

bool is_covered(const std::vector<QueryNames>& rules, std::string_view name) {
    return std::ranges::any_of(rules, [&](const QueryNames& rule) { return rule.covers(name); });
}

const Json* at_path(const Json* value, const std::vector<std::string>& path) {
    for (const std::string& name : path) {
        if (value == nullptr) { return nullptr; }
        value = data::find(*value, name);
    }
    return value;
}

bool set_at_path(Json& object, const std::vector<std::string>& path, Json value) {
    Json* at = &object;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        Json& next = (*at)[path[i]];
        if (next.is_null()) { next = Json::object(); }
        if (!next.is_object()) { return false; }
        at = &next;
    }
    (*at)[path.back()] = std::move(value);
    return true;
}

/// One request on its way to one backend.
class Transform {
public:
    Transform(const Mapping::Plan& plan, Exchange& exchange)
        : plan_(plan), exchange_(exchange), out_(exchange.backend_request) {}

    Verdict run() {
        out_.method = plan_.method.empty() ? exchange_.inbound.head.method : plan_.method;
        if (Verdict verdict = path(); !verdict.proceeds()) { return verdict; }
        query();
        if (Verdict verdict = body(); !verdict.proceeds()) { return verdict; }
        return fields();
    }

private:
    Verdict refuse(std::string_view what, std::string_view why) {
        return exchange_.refuse(Code::MappingFailed, exchange_.arena().concat({what, " ", why}));
    }

    /// The value of a row; null when it is absent. `own` keeps what nobody else does.
    const Json* value_of(const Row& row, Json& own) const {
        switch (row.from.kind) {
            case RowSource::Kind::Constant: return &row.from.constant;
            case RowSource::Kind::Parameter:
                return exchange_.parameter_values.at(row.from.parameter);
            case RowSource::Kind::BodyField:
                return exchange_.body_json ? at_path(&*exchange_.body_json, row.from.field_path)
                                           : nullptr;
            case RowSource::Kind::System: break;
        }
        own = system_text(row.from.system);
        return own.get_ref<const std::string&>().empty() ? nullptr : &own;
    }

    std::string system_text(SystemValue value) const {
        switch (value) {
            case SystemValue::ClientIp: return exchange_.client_address.to_string();
            case SystemValue::RequestId: return std::string(exchange_.request_id);
            case SystemValue::Environment:
                return std::string(code_of(exchange_.route->service->environment));
            case SystemValue::ServiceId: return exchange_.route->service->id;
            case SystemValue::ApiId: return std::string(exchange_.route->names.api_id);
            case SystemValue::Caller: break;
        }
        const Credential* caller = exchange_.principal.credential;
        return caller == nullptr ? std::string() : caller->id;
    }

    // ---- path

    Verdict path() {
        if (plan_.path.empty()) {
            out_.path = exchange_.api_path;
            return Verdict::proceed();
        }
        std::string path;
        for (const PathPiece& piece : plan_.path) {
            path += piece.literal;
            if (piece.kind == PathPiece::Kind::Row) {
                if (Verdict verdict = path_row(plan_.path_rows[piece.row], path);
                    !verdict.proceeds()) {
                    return verdict;
                }
            } else if (piece.kind != PathPiece::Kind::None) {
                path_parameter(piece, path);
            }
        }
        if (!keeps_canonical(path)) {
            return refuse("the backend's path", "would hold an empty or a dot segment");
        }
        out_.path = exchange_.arena().copy(path);
        return Verdict::proceed();
    }

    Verdict path_row(const Row& row, std::string& path) {
        Json own;
        const Json* value = value_of(row, own);
        const std::string text = value == nullptr ? std::string() : text_of(*value);
        if (text.empty()) { return refuse(row.from_text, "is needed for the backend's path"); }
        const std::optional<std::string> encoded = path_value(text);
        if (!encoded) { return refuse(row.from_text, "cannot stand in the backend's path"); }
        path += *encoded;
        return Verdict::proceed();
    }

    void path_parameter(const PathPiece& piece, std::string& path) {
        std::string_view value;
        for (const PathParameter& parameter : exchange_.path_parameters) {
            if (parameter.name == piece.name) { value = parameter.value; }
        }
        path += value;
        // "/a/*" takes "/a" too: an empty rest leaves no slash the client did not send.
        if (piece.kind == PathPiece::Kind::Rest && value.empty() &&
            !exchange_.api_path.ends_with('/') && path.size() > 1) {
            path.pop_back();
        }
    }

    // ---- query

    void query() {
        const std::string_view hidden = exchange_.hidden_query_name;
        if (!plan_.rewrites_query && hidden.empty()) {
            out_.query = canonical_query(exchange_.raw_query, exchange_.arena());
            return;
        }
        std::string query;
        std::vector<bool> is_given(plan_.query_defaults.size());
        for (const std::string_view pair : split(exchange_.raw_query, '&')) {
            if (pair.empty()) { continue; }
            const std::string name = data::percent_decode(pair.substr(0, pair.find('=')), true);
            if ((!hidden.empty() && name == hidden) || is_covered(plan_.dropped_query, name) ||
                (plan_.only_mapped && !is_covered(plan_.declared_query, name))) {
                continue;
            }
            for (std::size_t i = 0; i < is_given.size(); ++i) {
                is_given[i] = is_given[i] || plan_.query_defaults[i].names.covers(name);
            }
            append(query, canonical_query(pair, exchange_.arena()));
        }
        for (std::size_t i = 0; i < is_given.size(); ++i) {
            if (!is_given[i]) { append(query, plan_.query_defaults[i].fragment); }
        }
        for (const Row& row : plan_.query_rows) {
            Json own;
            if (const Json* value = value_of(row, own)) {
                append(query, percent_encode(row.name) + "=" + percent_encode(text_of(*value)));
            }
        }
        out_.query = exchange_.arena().copy(query);
    }

    static void append(std::string& query, std::string_view pair) {
        if (pair.empty()) { return; }
        if (!query.empty()) { query += '&'; }
        query += pair;
    }

    // ---- header fields

    Verdict fields() {
        const http::Fields& sent = exchange_.request_fields();
        for (const http::Field& field : sent) {
            if (passes(field) && !out_.fields.add(field)) { return too_many_fields(); }
        }
        for (const NamedText& otherwise : plan_.field_defaults) {
            if (sent.find(std::string_view(otherwise.name)) == nullptr &&
                !out_.fields.add(otherwise.name, otherwise.text)) {
                return too_many_fields();
            }
        }
        for (const Row& row : plan_.field_rows) {
            if (Verdict verdict = field_row(row); !verdict.proceeds()) { return verdict; }
        }
        return Verdict::proceed();
    }

    bool passes(const http::Field& field) const {
        if (kBackendsJob.contains(field.id)) { return false; }
        const bool describes_body =
            field.id == http::HeaderId::ContentType || field.id == http::HeaderId::ContentEncoding;
        if (describes_body && out_.body) { return false; }
        if (is_named(plan_.dropped_fields, field.name)) { return false; }
        return !plan_.only_mapped || kRepresentation.contains(field.id) ||
               is_named(plan_.declared_fields, field.name);
    }

    Verdict field_row(const Row& row) {
        Json own;
        const Json* value = value_of(row, own);
        if (value == nullptr) { return Verdict::proceed(); }
        const std::string text = text_of(*value);
        if (has_control(text)) {
            return refuse(row.from_text,
                          "holds a control character, which no header field may carry");
        }
        const std::string_view kept = exchange_.arena().copy(trim(text));
        return out_.fields.add(row.name, kept) ? Verdict::proceed() : too_many_fields();
    }

    Verdict too_many_fields() {
        return refuse("the request", "has too many header fields to add one");
    }

    // ---- body

    Verdict body() {
        const bool has_body = exchange_.inbound.body != nullptr;
        if (!plan_.rewrites_body) {
            if (has_body && plan_.only_mapped && !plan_.declares_body) { out_.body.emplace(); }
            return Verdict::proceed();
        }
        std::vector<std::pair<const Row*, Json>> values;
        for (const Row& row : plan_.body_rows) {
            Json own;
            if (const Json* value = value_of(row, own)) { values.emplace_back(&row, *value); }
        }
        Json object = Json::object();
        if (has_body) {
            if (!exchange_.body_json || !exchange_.body_json->is_object()) {
                return refuse("the body", "must be a JSON object or a form to be mapped");
            }
            // Header rows are served after this one and may look into the body, too.
            object = plan_.looks_into_body ? *exchange_.body_json
                                           : *std::exchange(exchange_.body_json, std::nullopt);
            rewrite(object);
        } else if (values.empty() && plan_.member_defaults.empty()) {
            return Verdict::proceed();
        }
        for (const NamedValue& otherwise : plan_.member_defaults) {
            if (!object.contains(otherwise.name)) { object[otherwise.name] = otherwise.value; }
        }
        for (auto& [row, value] : values) {
            if (!set_at_path(object, row->field_path, std::move(value))) {
                return refuse(row->from_text, "has no place in the body: its parent is no object");
            }
        }
        write(object, has_body);
        return Verdict::proceed();
    }

    void rewrite(Json& object) const {
        for (const std::string& name : plan_.dropped_members) {
            object.erase(name);
        }
        if (!plan_.only_mapped || plan_.declares_body) { return; }
        Json kept = Json::object();
        for (const std::string& name : plan_.declared_members) {
            if (object.contains(name)) { kept[name] = std::move(object[name]); }
        }
        object = std::move(kept);
    }

    void write(const Json& object, bool has_body) {
        const bool as_form =
            has_body ? exchange_.parameter_values.body_form == BodyForm::Form : plan_.writes_form;
        if (as_form) {
            out_.body = write_form(object);
            out_.body_type = "application/x-www-form-urlencoded";
            return;
        }
        out_.body = data::dump(object);
        out_.body_type = "application/json";
        const http::Field* type = exchange_.request_fields().find(http::HeaderId::ContentType);
        if (has_body && type != nullptr) { out_.body_type = type->value; }
    }

    const Mapping::Plan& plan_;
    Exchange& exchange_;
    BackendRequest& out_;
};

/// Understands the body when the contract did not have to.
Status understand(Exchange& exchange, const MediaType& type, std::string_view text) {
    if (type.is_form()) {
        std::vector<Fault> none;
        ASSIGN_OR_RETURN(exchange.body_json, read_form(text, {}, "", none));
        exchange.parameter_values.body_form = BodyForm::Form;
    } else {
        ASSIGN_OR_RETURN(exchange.body_json, data::parse_json(text, kBodyJsonLimits));
        exchange.parameter_values.body_form = BodyForm::Json;
    }
    return {};
}

}  // namespace

void Mapping::prefetch() const {
    lintel::prefetch(plan_.get(), sizeof(Plan));
}

bool Mapping::reads_body(const Exchange& exchange) const {
    return (plan_->rewrites_body || plan_->looks_into_body) && exchange.inbound.body != nullptr &&
           exchange.parameter_values.body_form == BodyForm::Untouched;
}

Verdict Mapping::apply_head(Exchange& exchange) const {
    return Transform(*plan_, exchange).run();
}

Task<Verdict> Mapping::apply(Exchange& exchange) const {
    if (!reads_body(exchange)) { co_return apply_head(exchange); }
    const http::Field* field = exchange.request_fields().find(http::HeaderId::ContentType);
    const MediaType type = MediaType::parse(field == nullptr ? std::string_view() : field->value);
    const http::Field* coding = exchange.request_fields().find(http::HeaderId::ContentEncoding);
    if ((type.is_json() || type.is_form()) && type.is_utf8() && coding == nullptr) {
        const Result<std::string_view> text = co_await exchange.whole_body(exchange.body_limit());
        if (!text) { co_return exchange.refuse(text.error().code); }
        if (text->empty()) {
            exchange.body_json = Json::object();
            exchange.parameter_values.body_form = BodyForm::Json;
        } else if (const Status understood = understand(exchange, type, *text); !understood) {
            co_return exchange.refuse(
                Code::MappingFailed,
                exchange.arena().copy("the body is not valid: " + understood.error().message));
        }
    }
    co_return apply_head(exchange);
}

}  // namespace lintel::gateway
