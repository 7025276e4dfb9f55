#include "admin/dispatcher.h"

#include <fmt/format.h>

#include "admin/problem.h"
#include "admin/request_check.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "management/accounts.h"
#include "management/audit.h"
#include "management/idempotency.h"

namespace lintel::admin {

namespace {

using data::Json;

std::string etag(std::int64_t version) {
    return fmt::format("\"{}\"", version);
}

Reply render(const Answer& answer) {
    Reply reply{.status = answer.status, .headers = {}, .body = {}};
    if (!answer.text.empty()) {
        reply.body = answer.text;
    } else if (!answer.body.is_null()) {
        reply.body = data::dump(answer.body);
    }
    if (!reply.body.empty()) { reply.headers.emplace_back("Content-Type", answer.media_type); }
    if (answer.version) { reply.headers.emplace_back("ETag", etag(*answer.version)); }
    if (answer.revision) {
        reply.headers.emplace_back("Lintel-Revision", std::to_string(*answer.revision));
    }
    if (!answer.location.empty()) { reply.headers.emplace_back("Location", answer.location); }
    return reply;
}

Reply render_problem(const Error& error, const Json& problem) {
    Reply reply{.status = info(error.code).status, .headers = {}, .body = data::dump(problem)};
    reply.headers.emplace_back("Content-Type", "application/problem+json");
    if (reply.status == 401) { reply.headers.emplace_back("WWW-Authenticate", "Bearer"); }
    if (error.code == Code::LoginLimited) {
        reply.headers.emplace_back("Retry-After",
                                   std::to_string(management::AccessGuard::kWindow.count()));
    }
    if (reply.status == 503) { reply.headers.emplace_back("Retry-After", "1"); }
    return reply;
}

/// Which role holds which permission.
Json served_permissions() {
    Json rows = Json::array();
    for (const management::PermissionRule& rule : management::permission_table()) {
        rows.push_back({{"name", std::string(rule.name)},
                        {"scope", std::string(management::name(rule.scope))},
                        {"role", std::string(management::name(rule.least))}});
    }
    return rows;
}

/// The contract with the settings of every plugin in it, so that it says all there is to say.
Json served_contract(const Json& document, const management::Kinds& kinds) {
    Json served = document;
    served["x-lintel-permissions"] = served_permissions();
    for (const model::KindInfo& kind : kinds.all()) {
        served["x-lintel-kinds"][std::string(family_name(kind.family))][kind.name] = kind.schema;
    }
    return served;
}

/// The token of "Bearer TOKEN"; empty when there is none.
std::string_view bearer_token(std::string_view authorization) {
    const std::size_t space = authorization.find(' ');
    if (space == std::string_view::npos ||
        !equals_ignoring_case(authorization.substr(0, space), "Bearer")) {
        return {};
    }
    return trim(authorization.substr(space));
}

Error no_such_path(std::string_view path) {
    return {.code = Code::NotFound,
            .message = fmt::format("'{}' is no address of the management API; "
                                   "/api/v1/openapi.json lists them all",
                                   path)};
}

/// A repeated request must be the same in everything that decides.
std::string fingerprint(const RawRequest& request) {
    return to_hex(crypto::sha256(request.method + " " + request.target + "\n" + request.if_match +
                                 "\n" + request.body));
}

management::StoredAnswer to_stored(const Reply& reply) {
    Json headers = Json::object();
    for (const auto& [name, value] : reply.headers) {
        headers[name] = value;
    }
    return {.status = reply.status,
            .body = data::dump({{"headers", std::move(headers)}, {"body", reply.body}})};
}

Result<Reply> from_stored(const management::StoredAnswer& stored) {
    ASSIGN_OR_RETURN(const Json json, data::parse_json(stored.body));
    Reply reply{.status = stored.status,
                .headers = {},
                .body = std::string(data::find_string(json, "body"))};
    if (const Json* headers = data::find(json, "headers")) {
        for (const auto& header : headers->items()) {
            reply.headers.emplace_back(header.key(), header.value().get<std::string>());
        }
    }
    reply.headers.emplace_back("Idempotency-Replayed", "true");
    return reply;
}

}  // namespace

Dispatcher::Dispatcher(management::Management& management, Contract contract, Json settings)
    : management_(management), contract_(std::move(contract)) {
    node_.settings = std::move(settings);
    node_.contract = served_contract(contract_.document(), management.kinds);
    for (const Binding& binding : all_bindings()) {
        bindings_.emplace(binding.operation_id, binding);
    }
}

Result<std::unique_ptr<Dispatcher>> Dispatcher::build(management::Management& management,
                                                      Json settings) {
    ASSIGN_OR_RETURN(Contract contract, Contract::build());
    const std::vector<std::string> sentences = orphans(contract, all_bindings());
    if (!sentences.empty()) {
        return fail(Code::StartFailed, fmt::format("{}", fmt::join(sentences, "; ")));
    }
    return std::unique_ptr<Dispatcher>(
        new Dispatcher(management, std::move(contract), std::move(settings)));
}

Reply Dispatcher::problem(const Error& error, std::string_view request_id) {
    const CodeInfo& row = info(error.code);
    if (row.status >= 500) {
        log::error("management request failed", {{"request_id", request_id},
                                                 {"code", row.name},
                                                 {"detail", error.message},
                                                 {"cause", error.cause}});
    }
    return render_problem(error, to_problem(error, request_id));
}

Reply Dispatcher::handle(const RawRequest& request) const {
    const std::string& id = request.client.request_id;
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, target.find('?'));
    const Contract::Match match = contract_.match(request.method, path);
    if (match.operation == nullptr) {
        if (match.allowed.empty()) { return problem(no_such_path(path), id); }
        const std::string allowed = fmt::format("{}", fmt::join(match.allowed, ", "));
        Reply reply = problem({.code = Code::MethodNotAllowed,
                               .message = fmt::format("'{}' offers {}", path, allowed)},
                              id);
        reply.headers.emplace_back("Allow", allowed);
        return reply;
    }
    const Operation& operation = *match.operation;
    const auto caller = admit(operation, match, request);
    if (!caller) { return problem(caller.error(), id); }
    auto call = read(operation, match, request);
    if (!call) { return problem(call.error(), id); }
    call->caller = *caller ? &**caller : nullptr;
    const bool once = operation.takes_idempotency_key && !request.idempotency_key.empty();
    return once ? run_once(operation, *call, request) : run(operation, *call);
}

Result<std::optional<management::Caller>> Dispatcher::admit(const Operation& operation,
                                                            const Contract::Match& match,
                                                            const RawRequest& request) const {
    if (operation.access.kind == Access::Kind::Open) { return std::nullopt; }
    const std::string_view token = bearer_token(request.authorization);
    if (token.empty()) {
        return fail(
            Code::Unauthenticated,
            "Send a token as 'Authorization: Bearer TOKEN'; POST /api/v1/sessions with name "
            "and password yields one");
    }
    management::ClientInfo client = request.client;
    for (const auto& [name, value] : match.values) {
        if (name == "gateway") { client.gateway = value; }
        if (name == "service") { client.service = value; }
        if (name == "project") { client.project = value; }
    }
    ASSIGN_OR_RETURN(management::Caller caller,
                     management::authenticate(management_, token, client));
    if (operation.access.kind == Access::Kind::Permitted) {
        const Status permitted = caller.require_somewhere(operation.access.permission);
        if (!permitted) {
            management::record_refusal(management_, caller, operation.id, permitted.error());
            return std::unexpected(permitted.error());
        }
    }
    return caller;
}

Result<Call> Dispatcher::read(const Operation& operation, const Contract::Match& match,
                              const RawRequest& request) const {
    Call call{.management = management_, .node = node_, .client = request.client};
    // The media type first: what is not JSON is refused whatever else is wrong with it.
    ASSIGN_OR_RETURN(call.body, read_body(operation, request.content_type, request.body));
    ASSIGN_OR_RETURN(call.path, read_path(operation, match.values));
    const std::size_t mark = request.target.find('?');
    const std::string_view query = mark == std::string::npos
                                       ? std::string_view{}
                                       : std::string_view(request.target).substr(mark + 1);
    ASSIGN_OR_RETURN(call.query, read_query(operation, query));
    ASSIGN_OR_RETURN(call.expected, read_if_match(operation, request.if_match));
    return call;
}

Reply Dispatcher::run(const Operation& operation, const Call& call) const {
    const Result<Answer> answer = bindings_.at(operation.id).run(call);
    if (answer) { return render(*answer); }
    const std::string& id = call.client.request_id;
    if (answer.error().code == Code::PermissionDenied && call.caller != nullptr) {
        management::record_refusal(management_, *call.caller, operation.id, answer.error());
    }
    if (answer.error().code != Code::PreconditionFailed) { return problem(answer.error(), id); }
    // Whoever lost the race gets the object as it is now, to compare and try again.
    Json document = to_problem(answer.error(), id);
    const Operation* reader = contract_.reader_of(operation);
    const Result<Answer> current =
        reader == nullptr ? Result<Answer>(Answer{}) : bindings_.at(reader->id).run(call);
    if (current && !current->body.is_null()) { document["current"] = current->body; }
    Reply reply = render_problem(answer.error(), document);
    if (current && current->version) {
        reply.headers.emplace_back("ETag", etag(*current->version));
    }
    return reply;
}

Reply Dispatcher::run_once(const Operation& operation, const Call& call,
                           const RawRequest& request) const {
    const std::string& key = request.idempotency_key;
    const auto begun =
        management::begin_request(management_, *call.caller, key, fingerprint(request));
    if (!begun) { return problem(begun.error(), call.client.request_id); }
    if (*begun) {
        const Result<Reply> stored = from_stored(**begun);
        return stored ? *stored : problem(stored.error(), call.client.request_id);
    }
    Reply reply = run(operation, call);
    // Only what succeeded is kept: a refused request may be corrected and sent again with its key.
    const Status kept =
        reply.status < 300
            ? management::finish_request(management_, *call.caller, key, to_stored(reply))
            : management::abandon_request(management_, *call.caller, key);
    if (!kept) {
        log::warn("the answer of a request could not be kept",
                  {{"request_id", call.client.request_id}, {"cause", kept.error().message}});
    }
    return reply;
}

}  // namespace lintel::admin
