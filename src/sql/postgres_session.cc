#include "sql/postgres_session.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "base/text.h"

namespace lintel::sql {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// How long a failure to connect is believed without another attempt.
constexpr std::chrono::milliseconds kBelief{500};
constexpr std::chrono::seconds kConnectPatience{5};
constexpr int kOldestVersion = 13'00'00;

// What the URL may override. A server that vanished without a word is noticed by TCP within 15 s.
constexpr std::array kDefaults = std::to_array<std::pair<const char*, const char*>>({
    {"connect_timeout", "5"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "2"},
    {"tcp_user_timeout", "15000"},
    {"fallback_application_name", "lintel"},
    // After a failover the old server may still answer, but cannot be written.
    {"target_session_attrs", "read-write"},
});

// A statement ends before we stop waiting for it. A plan is made for the values at hand, since one
// for any values reads whole tables where a text is looked for; compiled, it would take longer to
// make than to run. The last two: a process that was stopped in the middle of a change must not
// keep the others from changing anything; and a commit is on the disk when it returns, whatever is
// usual on that server.
constexpr const char* kSessionSettings =
    "SET statement_timeout = '20s'; SET lock_timeout = '10s';"
    "SET standard_conforming_strings = on;"
    "SET plan_cache_mode = force_custom_plan; SET jit = off;"
    "SET idle_in_transaction_session_timeout = '30s';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// What libpq says, as one line.
std::string one_line(const char* text) {
    std::string line(trim(text == nullptr ? "" : text));
    for (char& c : line) {
        if (c == '\n' || c == '\t') { c = ' '; }
    }
    return line;
}

Error cannot_connect(std::string cause) {
    return {.code = Code::StoreUnavailable,
            .message = "The store cannot be reached.",
            .cause = std::move(cause),
            .retryable = true};
}

/// Why this server cannot hold a store; empty: it can.
std::string unfit(PGconn* connection) {
    if (PQserverVersion(connection) < kOldestVersion) {
        return "its version is older than PostgreSQL 13";
    }
    const char* const encoding = PQparameterStatus(connection, "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
        return fmt::format("the database has the encoding {}, not UTF8",
                           encoding == nullptr ? "?" : encoding);
    }
    return "";
}

Error error_of_state(std::string_view state, const PGresult* result) {
    const auto field = [&](int code) {
        const char* const text = PQresultErrorField(result, code);
        return std::string(text == nullptr ? "" : text);
    };
    const std::string primary = field(PG_DIAG_MESSAGE_PRIMARY);
    Error error{.code = Code::StoreUnavailable,
                .message = {},
                .cause = fmt::format("{} {}", state, primary),
                .retryable = true};
    if (state == "23505") {  // unique_violation
        return {.code = Code::NameTaken,
                .message = "An object with this name exists already.",
                .cause = fmt::format("{}.{}", field(PG_DIAG_TABLE_NAME),
                                     field(PG_DIAG_CONSTRAINT_NAME))};
    }
    if (state == "22021") {  // character_not_in_repertoire
        return {.code = Code::FieldInvalid,
                .message =
                    "A text holds a NUL character or bytes that are no UTF-8; neither can "
                    "be stored.",
                .cause = error.cause};
    }
    if (state == "40001" || state == "40P01" || state == "55P03") {
        error.message = "The store is busy with other changes.";
    } else if (state == "57014" || state == "25P03") {
        error.message = "The store took too long; nothing was changed.";
    } else if (state == "53100") {
        error.message = "The disk of the store is full; nothing was changed.";
    } else if (state == "25006") {
        error.message = "The store can only be read; nothing was changed.";
    } else if (state == "42501") {
        error.message = fmt::format("The user of the store lacks a right: {}.", primary);
        error.retryable = false;
    } else if (state.starts_with("08") || state.starts_with("53") || state.starts_with("57P") ||
               state.starts_with("58")) {
        error.message = "The store cannot be reached.";
    } else {
        error.code = Code::Internal;
        error.message = "The store refused a statement.";
        error.retryable = false;
    }
    return error;
}

/// Whether another connection would do better: after a failover this one is to a server that
/// cannot be written; after a change of the schema its statements are out of date.
bool is_spent(std::string_view state) {
    return state == "25006" || state == "0A000";
}

}  // namespace

void PostgresDeleter::operator()(PGconn* connection) const {
    PQfinish(connection);
}

void PostgresDeleter::operator()(PGresult* result) const {
    PQclear(result);
}

Result<PostgresHandle> PostgresServer::connect() {
    {
        const std::scoped_lock lock(mutex_);
        if (failure_ && SteadyClock::now() - failed_at_ < kBelief) { return fail(*failure_); }
    }
    std::vector<const char*> names;
    std::vector<const char*> values;
    const auto add = [&](const char* name, const char* value) {
        names.push_back(name);
        values.push_back(value);
    };
    for (const auto& [name, value] : kDefaults) {
        add(name, value);
    }
    // What stands behind the URL overrides it.
    const std::string url(server_.url.reveal());
    const std::string password(server_.password.reveal());
    add("dbname", url.c_str());
    add("client_encoding", "UTF8");
    if (!password.empty()) { add("password", password.c_str()); }
    add(nullptr, nullptr);
    PostgresHandle handle(PQconnectdbParams(names.data(), values.data(), 1));
    std::string why = "there is no memory";
    if (handle != nullptr) {
        why = PQstatus(handle.get()) == CONNECTION_OK ? unfit(handle.get())
                                                      : one_line(PQerrorMessage(handle.get()));
    }
    const std::scoped_lock lock(mutex_);
    failure_.reset();
    if (why.empty()) { return handle; }
    failure_ = cannot_connect(std::move(why));
    failed_at_ = SteadyClock::now();
    return fail(*failure_);
}

Status PostgresSession::open() {
    ASSIGN_OR_RETURN(handle_, server_->connect());
    PQsetnonblocking(handle_.get(), 1);
    // Notices ("relation exists, skipping") are of no use to anybody.
    PQsetNoticeProcessor(handle_.get(), [](void*, const char*) {}, nullptr);
    const auto set = execute(kSessionSettings, kConnectPatience);
    if (!set) {
        close();
        return fail(set.error());
    }
    return {};
}

Result<PostgresResult> PostgresSession::execute(const char* script,
                                                std::chrono::milliseconds patience) {
    return finish(PQsendQuery(handle_.get(), script) == 1, patience);
}

Status PostgresSession::prepare(const std::string& name, std::string_view text) {
    const std::string terminated(text);
    RETURN_IF_ERROR(
        finish(PQsendPrepare(handle_.get(), name.c_str(), terminated.c_str(), 0, nullptr) == 1,
               kPatience));
    return {};
}

Result<PostgresResult> PostgresSession::run(const std::string& name,
                                            const std::vector<Value>& values) {
    // Numbers go as text, which fits whatever integer type the server inferred; texts go as they
    // are, with their length.
    constexpr int kText = 0;
    constexpr int kBinary = 1;
    std::vector<std::string> numbers(values.size());
    std::vector<const char*> data(values.size(), nullptr);
    std::vector<int> lengths(values.size(), 0);
    std::vector<int> formats(values.size(), kText);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (const auto* text = std::get_if<std::string>(&values[i])) {
            data[i] = text->data();
            lengths[i] = static_cast<int>(text->size());
            formats[i] = kBinary;
        } else if (const auto* integer = std::get_if<std::int64_t>(&values[i])) {
            numbers[i] = std::to_string(*integer);
            data[i] = numbers[i].c_str();
        } else if (const auto* flag = std::get_if<bool>(&values[i])) {
            data[i] = *flag ? "t" : "f";
        }
    }
    return finish(PQsendQueryPrepared(handle_.get(), name.c_str(), static_cast<int>(values.size()),
                                      data.data(), lengths.data(), formats.data(), kText) == 1,
                  kPatience);
}

/// Reads all the server says to what was asked. The first failure is the answer, else the last.
Result<PostgresResult> PostgresSession::finish(bool sent, std::chrono::milliseconds patience) {
    PGconn* const connection = handle_.get();
    if (!sent) { return lost(one_line(PQerrorMessage(connection))); }
    const SteadyClock::time_point deadline = SteadyClock::now() + patience;
    PostgresResult answer;
    while (true) {
        RETURN_IF_ERROR(await_result(deadline));
        PostgresResult next(PQgetResult(connection));
        if (next == nullptr) { break; }
        const bool failed = answer != nullptr && PQresultStatus(answer.get()) == PGRES_FATAL_ERROR;
        if (!failed) { answer = std::move(next); }
    }
    if (answer == nullptr) { return lost("the server gave no answer"); }
    return judge(std::move(answer));
}

/// Sends what is not sent yet and reads until PQgetResult does not block.
Status PostgresSession::await_result(SteadyClock::time_point deadline) {
    PGconn* const connection = handle_.get();
    while (true) {
        const int unsent = PQflush(connection);
        if (unsent < 0) { return lost(one_line(PQerrorMessage(connection))); }
        if (unsent == 0 && PQisBusy(connection) == 0) { return {}; }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
        pollfd ready{.fd = PQsocket(connection),
                     .events = static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN),
                     .revents = 0};
        const int polled =
            left.count() <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left.count()));
        if (polled == 0) { return lost("the server did not answer in time"); }
        if (polled < 0 && errno != EINTR) { return lost("poll failed"); }
        if (PQconsumeInput(connection) == 0) { return lost(one_line(PQerrorMessage(connection))); }
    }
}

Result<PostgresResult> PostgresSession::judge(PostgresResult answer) {
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) { return answer; }
    const char* const state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
    // libpq makes a result without a state when the connection broke.
    if (state == nullptr) { return lost(one_line(PQresultErrorMessage(answer.get()))); }
    Error error = error_of_state(state, answer.get());
    if (PQstatus(handle_.get()) == CONNECTION_BAD || is_spent(state)) { close(); }
    return fail(std::move(error));
}

std::unexpected<Error> PostgresSession::lost(std::string cause) {
    close();
    return fail({.code = Code::StoreUnavailable,
                 .message = "The connection to the store was lost.",
                 .cause = std::move(cause),
                 .retryable = true});
}

}  // namespace lintel::sql
