#include "gateway/contract.h"

#include <algorithm>
#include <utility>

#include "base/prefetch.h"
#include "base/text.h"
#include "gateway/contract_plan.h"
#include "gateway/exchange.h"
#include "gateway/media_type.h"
#include "gateway/request_body.h"
#include "gateway/route.h"

namespace lintel::gateway {

using data::Json;

namespace {

constexpr std::string_view kRequired = "field.required";

const ContractBody* best_body(const std::vector<ContractBody>& bodies, std::string_view essence) {
    const ContractBody* best = nullptr;
    int best_match = 0;
    for (const ContractBody& body : bodies) {
        const int match = media_type_match(body.essence, essence);
        if (match > best_match) {
            best = &body;
            best_match = match;
        }
    }
    return best;
}

Verdict refuse_type(Exchange& exchange, const std::vector<ContractBody>& bodies,
                    const MediaType& type) {
    std::string detail = type.essence.empty() ? "Content-Type is missing or malformed"
                                              : "'" + type.essence + "' is not accepted";
    detail += bodies.empty() ? "; send application/json or application/x-www-form-urlencoded"
                             : "; send one of";
    for (const ContractBody& body : bodies) {
        detail += (&body == bodies.data() ? " " : ", ") + body.essence;
    }
    return exchange.refuse(Code::RequestUnsupportedType, exchange.arena().copy(detail));
}

Verdict refuse_faults(Exchange& exchange) {
    const Fault& first = exchange.faults.front();
    Refusal refusal;
    refusal.code = Code::RequestInvalid;
    refusal.reason = exchange.arena().concat({first.pointer, ": ", first.detail});
    refusal.faults = &exchange.faults;
    return exchange.refuse(refusal);
}

/// One check of one exchange against one plan.
class Check {
public:
    Check(const Contract::Plan& plan, Exchange& exchange) : plan_(plan), exchange_(exchange) {}

    /// Size, media type and parameters outside the body.
    Verdict head() {
        const std::uint64_t limit = exchange_.body_limit();
        const http::Framing& framing = exchange_.inbound.head.framing;
        if (framing.kind == http::Framing::Kind::Length && framing.length > limit) {
            return exchange_.refuse(
                Code::RequestBodyTooLarge,
                exchange_.arena().concat({"the body has ", std::to_string(framing.length),
                                          " bytes; the limit is ", std::to_string(limit)}));
        }
        if (framing.kind == http::Framing::Kind::Chunked && exchange_.inbound.body != nullptr) {
            exchange_.parameter_values.limited_body =
                std::make_unique<LimitedBody>(*exchange_.inbound.body, limit);
            exchange_.inbound.body = exchange_.parameter_values.limited_body.get();
        }
        if (plan_.reads_parameters) {
            exchange_.parameter_values.values.resize(plan_.parameter_count);
        }
        path();
        query();
        header();
        return media_type();
    }

    bool must_read_body() const { return must_read_; }

    /// What is required of a body that is not there.
    void no_body() {
        if (plan_.body_required) {
            exchange_.faults.push_back(
                {"/body", std::string(kRequired), "a request body is required"});
        }
        fields(nullptr);
    }

    void body(std::string_view text) {
        if (type_.is_multipart()) {
            multipart(text);
            return;
        }
        Result<Json> value = type_.is_form() ? form(text) : data::parse_json(text, kBodyJsonLimits);
        if (!value) {
            syntax(value.error());
            return;
        }
        if (declared_ != nullptr && declared_->schema != nullptr) {
            declared_->schema->validate(*value, "/body", exchange_.faults);
        }
        if (!plan_.fields.empty()) {
            if (value->is_object()) {
                fields(&*value);
            } else {
                exchange_.faults.push_back({"/body", "schema.type", "must be an object"});
            }
        }
        exchange_.parameter_values.body_form = type_.is_form() ? BodyForm::Form : BodyForm::Json;
        exchange_.body_json = *std::move(value);
    }

    Verdict outcome() {
        return exchange_.faults.empty() ? Verdict::proceed() : refuse_faults(exchange_);
    }

private:
    void path() {
        for (const ContractParameter& parameter : plan_.path) {
            const PathParameters& parameters = exchange_.path_parameters;
            const auto found =
                std::ranges::find(parameters, parameter.shape.name, &PathParameter::name);
            if (found == parameters.end()) {
                absent(parameter);
            } else {
                present(parameter, data::read_path_parameter(parameter.shape, found->value));
            }
        }
    }

    void query() {
        if (plan_.query.empty()) { return; }
        const Result<std::vector<data::RawPair>> pairs = data::split_query(exchange_.raw_query);
        if (!pairs) {
            exchange_.faults.push_back({"/query", "query.malformed", pairs.error().message});
            return;
        }
        for (const ContractParameter& parameter : plan_.query) {
            Result<std::optional<Json>> value = data::read_query_parameter(parameter.shape, *pairs);
            if (!value) {
                wrong(parameter, value.error());
            } else if (*value) {
                present(parameter, std::move(**value));
            } else {
                absent(parameter);
            }
        }
    }

    void header() {
        for (const ContractParameter& parameter : plan_.header) {
            std::string joined;
            std::size_t count = 0;
            for (const http::Field& field : exchange_.request_fields()) {
                if (!equals_ignoring_case(field.name, parameter.shape.name)) { continue; }
                if (count++ > 0) { joined += ", "; }
                joined += field.value;
            }
            if (count == 0) {
                absent(parameter);
            } else {
                present(parameter, data::read_header_parameter(parameter.shape, joined));
            }
        }
    }

    /// `object` is null when there is no body.
    void fields(const Json* object) {
        for (const ContractParameter& parameter : plan_.fields) {
            const Json* value =
                object == nullptr ? nullptr : data::find(*object, parameter.shape.name);
            if (value == nullptr) {
                absent(parameter);
            } else {
                present(parameter, *value);
            }
        }
    }

    void absent(const ContractParameter& parameter) {
        if (parameter.required) {
            exchange_.faults.push_back({parameter.pointer, std::string(kRequired), "is required"});
        } else {
            exchange_.parameter_values.values[parameter.index] = parameter.otherwise;
        }
    }

    void present(const ContractParameter& parameter, Result<Json> value) {
        if (!value) {
            wrong(parameter, value.error());
            return;
        }
        const bool is_empty = value->is_string() && value->get_ref<const std::string&>().empty();
        const bool may_be_empty = is_empty && parameter.shape.allow_empty;
        if (parameter.schema != nullptr && !may_be_empty) {
            parameter.schema->validate(*value, parameter.pointer, exchange_.faults);
        }
        exchange_.parameter_values.values[parameter.index] = *std::move(value);
    }

    void wrong(const ContractParameter& parameter, const Error& error) {
        exchange_.faults.push_back({parameter.pointer, "schema.type", error.message});
    }

    Verdict media_type() {
        if (exchange_.inbound.body == nullptr) { return Verdict::proceed(); }
        if (plan_.bodies.empty() && plan_.fields.empty()) { return Verdict::proceed(); }
        const http::Field* field = exchange_.request_fields().find(http::HeaderId::ContentType);
        if (field != nullptr) { type_ = MediaType::parse(field->value); }
        const bool is_understood = type_.is_json() || type_.is_form() || type_.is_multipart();
        if (plan_.bodies.empty()) {
            if (!is_understood) { return refuse_type(exchange_, plan_.bodies, type_); }
        } else {
            declared_ = best_body(plan_.bodies, type_.essence);
            if (declared_ == nullptr) { return refuse_type(exchange_, plan_.bodies, type_); }
        }
        must_read_ = is_understood && (!plan_.fields.empty() || declared_->schema != nullptr);
        return must_read_ ? readable() : Verdict::proceed();
    }

    /// A body that must be understood has to be UTF-8 and not compressed.
    Verdict readable() {
        if (!type_.is_utf8()) {
            return exchange_.refuse(Code::RequestUnsupportedType, "the charset must be utf-8");
        }
        const http::Field* coding =
            exchange_.request_fields().find(http::HeaderId::ContentEncoding);
        if (coding != nullptr && !equals_ignoring_case(coding->value, "identity")) {
            return exchange_.refuse(
                Code::RequestUnsupportedType,
                "a body that is validated must be sent without Content-Encoding");
        }
        return Verdict::proceed();
    }

    Result<Json> form(std::string_view text) {
        std::vector<data::ParameterShape> shapes = plan_.field_shapes;
        if (declared_ != nullptr) {
            for (const data::ParameterShape& shape : declared_->fields) {
                if (std::ranges::find(shapes, shape.name, &data::ParameterShape::name) ==
                    shapes.end()) {
                    shapes.push_back(shape);
                }
            }
        }
        return read_form(text, shapes, "/body", exchange_.faults);
    }

    void multipart(std::string_view text) {
        const Result<std::vector<std::string>> names = multipart_names(text, type_.boundary);
        if (!names) {
            exchange_.faults.push_back({"/body", "body.malformed", names.error().message});
            return;
        }
        const auto has = [&](const std::string& name) {
            return std::ranges::find(*names, name) != names->end();
        };
        const auto require = [&](const std::string& name) {
            if (has(name)) { return; }
            exchange_.faults.push_back(
                {data::child_pointer("/body", name), std::string(kRequired), "is required"});
        };
        for (const ContractParameter& parameter : plan_.fields) {
            if (parameter.required) { require(parameter.shape.name); }
        }
        exchange_.parameter_values.body_form = BodyForm::Multipart;
        if (declared_ == nullptr) { return; }
        std::ranges::for_each(declared_->required, require);
        for (const std::string& name : *names) {
            if (declared_->closed &&
                std::ranges::find(declared_->fields, name, &data::ParameterShape::name) ==
                    declared_->fields.end()) {
                exchange_.faults.push_back(
                    {data::child_pointer("/body", name), "schema.unknown", "is not declared"});
            }
        }
    }

    void syntax(const Error& error) {
        if (error.faults.empty()) {
            exchange_.faults.push_back({"/body", "body.malformed", error.message});
        }
        for (const Fault& fault : error.faults) {
            exchange_.faults.push_back({"/body" + fault.pointer, "body.malformed", fault.detail});
        }
    }

    const Contract::Plan& plan_;
    Exchange& exchange_;
    MediaType type_;
    const ContractBody* declared_ = nullptr;
    bool must_read_ = false;
};

}  // namespace

void Contract::prefetch() const {
    lintel::prefetch(plan_.get(), sizeof(Plan));
}

bool Contract::reads_body(const Exchange& exchange) const {
    return plan_->understands_bodies && exchange.inbound.body != nullptr;
}

Verdict Contract::check_head(Exchange& exchange) const {
    Check check(*plan_, exchange);
    const Verdict verdict = check.head();
    if (!verdict.proceeds()) { return verdict; }
    if (exchange.inbound.body == nullptr) { check.no_body(); }
    return check.outcome();
}

Task<Verdict> Contract::check(Exchange& exchange) const {
    if (!reads_body(exchange)) { co_return check_head(exchange); }
    Check check(*plan_, exchange);
    const Verdict verdict = check.head();
    if (!verdict.proceeds()) { co_return verdict; }
    if (check.must_read_body()) {
        const Result<std::string_view> text = co_await exchange.whole_body(exchange.body_limit());
        if (!text) { co_return exchange.refuse(text.error().code); }
        if (text->empty()) {
            check.no_body();
        } else {
            check.body(*text);
        }
    }
    co_return check.outcome();
}

}  // namespace lintel::gateway
