// The management API over a real store: who gets in, and what every answer has in common.
#include "admin/dispatcher.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>

#include <unistd.h>

#include "crypto/password.h"
#include "crypto/seal.h"
#include "management/accounts.h"
#include "store/store.h"

namespace lintel::admin {
namespace {

using data::Json;

constexpr std::string_view kPassword = "correct-horse-battery-staple";
constexpr TimeMs kStart = 1'800'000'000'000;

class CountingPublisher final : public management::Publisher {
public:
    Status check(const management::Candidate& /*candidate*/) override { return {}; }
    Status check(const model::Upstream& /*upstream*/) override { return {}; }
    std::optional<management::UpstreamHealth> health(
        const model::UpstreamId& /*id*/) const override {
        return std::nullopt;
    }
    Result<management::DebugAnswer> debug(const management::DebugCall& /*call*/) override {
        return management::DebugAnswer{};
    }
    std::uint64_t refresh(const management::Change& /*change*/) override { return ++revision_; }
    std::uint64_t revision() const override { return revision_; }

private:
    std::uint64_t revision_ = 0;
};

std::vector<model::KindInfo> plain_kinds() {
    const Json anything{{"type", "object"}};
    return {{model::Family::Auth, "none", "authenticate", anything},
            {model::Family::Backend, "mock", "backend", anything}};
}

class ApiTest : public testing::Test {
protected:
    ApiTest()
        : folder_(std::filesystem::temp_directory_path() /
                  fmt::format("lintel-admin-test-{}", ::getpid())),
          key_(crypto::MasterKey::generate()) {}

    void SetUp() override {
        std::filesystem::remove_all(folder_);
        auto kinds = management::Kinds::build(plain_kinds());
        ASSERT_TRUE(kinds.has_value());
        kinds_ = std::make_unique<management::Kinds>(*std::move(kinds));
        auto store = store::Store::open({folder_}, key_, clock_);
        ASSERT_TRUE(store.has_value()) << store.error().message;
        store_ = *std::move(store);
        management_ =
            std::make_unique<management::Management>(management::Management{.store = *store_,
                                                                            .publisher = publisher_,
                                                                            .clock = clock_,
                                                                            .kinds = *kinds_,
                                                                            .guard = guard_,
                                                                            .settings = {}});
        auto dispatcher = Dispatcher::build(*management_, Json::array());
        ASSERT_TRUE(dispatcher.has_value()) << dispatcher.error().message;
        dispatcher_ = *std::move(dispatcher);
        const auto admin = management::create_administrator(
            *management_, management::Caller::at_command_line(), "ada", Secret(kPassword));
        ASSERT_TRUE(admin.has_value()) << admin.error().message;
        token_ = log_in();
    }
    void TearDown() override {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::string log_in() {
        RawRequest request = raw("POST", "/api/v1/sessions",
                                 {{"name", "ada"}, {"password", std::string(kPassword)}});
        request.authorization.clear();
        const Reply reply = dispatcher_->handle(request);
        EXPECT_EQ(reply.status, 201) << reply.body;
        return json(reply).at("token");
    }

    RawRequest raw(std::string method, std::string target, const Json& body = nullptr) {
        RawRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.authorization = "Bearer " + token_;
        request.client = {.remote = "192.0.2.1", .request_id = "req_test"};
        if (!body.is_null()) {
            request.content_type = "application/json";
            request.body = data::dump(body);
        }
        return request;
    }
    Reply call(std::string method, std::string target, const Json& body = nullptr,
               std::string if_match = "") {
        RawRequest request = raw(std::move(method), std::move(target), body);
        request.if_match = std::move(if_match);
        return dispatcher_->handle(request);
    }
    static Json json(const Reply& reply) { return Json::parse(reply.body); }
    static std::string code(const Reply& reply) { return json(reply).at("code"); }
    static std::string header(const Reply& reply, std::string_view name) {
        for (const auto& [key, value] : reply.headers) {
            if (key == name) { return value; }
        }
        return "";
    }
    /// A request of the operation's shape: path parameters that could be, a body when it takes one.
    RawRequest shaped(const Operation& operation) {
        std::string path = operation.path;
        while (path.find('{') != std::string::npos) {
            const std::size_t open = path.find('{');
            const std::size_t close = path.find('}');
            const std::string name = path.substr(open + 1, close - open - 1);
            const std::string value = name == "gateway"   ? "default"
                                      : name == "release" ? "1"
                                                          : "tok_1";
            path.replace(open, close - open + 1, value);
        }
        RawRequest request = raw(operation.method, path);
        if (operation.if_match == Presence::Required) { request.if_match = "*"; }
        if (operation.body) {
            request.content_type = "application/json";
            request.body = "{}";
        }
        return request;
    }

    std::string services() const { return "/api/v1/gateways/default/services"; }

    std::filesystem::path folder_;
    crypto::MasterKey key_;
    FakeClock clock_{kStart};
    CountingPublisher publisher_;
    /// Cheap, so that the tests are quick.
    crypto::PasswordHasher passwords_{key_, {.memory_bytes = 64U << 10, .passes = 1}};
    management::AccessGuard guard_{passwords_};
    std::unique_ptr<management::Kinds> kinds_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<management::Management> management_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::string token_;
};

TEST_F(ApiTest, NoOperationButTheDoorsAnswersWithoutAGoodToken) {
    const std::string good = token_;
    const std::string wrong_schemes[] = {
        "", "Bearer", "Bearer ", "Basic " + good, good, "Bearer lt_wrong", "Bearer " + good + "x"};
    std::size_t tried = 0;
    for (const Operation& operation : dispatcher_->contract().operations()) {
        if (operation.access.kind == Access::Kind::Open) { continue; }
        for (const std::string& authorization : wrong_schemes) {
            RawRequest request = shaped(operation);
            request.authorization = authorization;
            const Reply reply = dispatcher_->handle(request);
            EXPECT_EQ(reply.status, 401) << operation.id << " with '" << authorization << "'";
            EXPECT_EQ(header(reply, "WWW-Authenticate"), "Bearer") << operation.id;
            ++tried;
        }
    }
    EXPECT_GT(tried, 300U);
}

TEST_F(ApiTest, NoOperationAnswersToAnExpiredToken) {
    clock_.advance(std::chrono::hours(9));
    for (const Operation& operation : dispatcher_->contract().operations()) {
        if (operation.access.kind == Access::Kind::Open) { continue; }
        EXPECT_EQ(dispatcher_->handle(shaped(operation)).status, 401) << operation.id;
    }
}

TEST_F(ApiTest, NoOperationTakesABodyThatIsNotJson) {
    for (const Operation& operation : dispatcher_->contract().operations()) {
        if (!operation.body) { continue; }
        for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                                 "multipart/form-data; boundary=x"}) {
            RawRequest request = shaped(operation);
            request.content_type = type;
            EXPECT_EQ(dispatcher_->handle(request).status, 415) << operation.id << " " << type;
        }
    }
}

TEST_F(ApiTest, ATokenOpensOnlyWhatItsPermissionsName) {
    const Reply made = call("POST", "/api/v1/api-tokens",
                            {{"name", "reader"}, {"permissions", {"settings:read"}}});
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string restricted = json(made).at("token");
    for (const Operation& operation : dispatcher_->contract().operations()) {
        if (operation.access.kind != Access::Kind::Permitted ||
            operation.access.permission == management::Permission::ReadSettings) {
            continue;
        }
        RawRequest request = shaped(operation);
        request.authorization = "Bearer " + restricted;
        const Reply reply = dispatcher_->handle(request);
        EXPECT_EQ(reply.status, 403) << operation.id;
        EXPECT_NE(reply.body.find(management::name(operation.access.permission)), std::string::npos)
            << reply.body;
    }
    RawRequest settings = raw("GET", "/api/v1/settings");
    settings.authorization = "Bearer " + restricted;
    EXPECT_EQ(dispatcher_->handle(settings).status, 200);
}

TEST_F(ApiTest, LoggingOutKillsTheToken) {
    EXPECT_EQ(call("GET", "/api/v1/whoami").status, 200);
    EXPECT_EQ(call("DELETE", "/api/v1/sessions/current").status, 204);
    EXPECT_EQ(call("GET", "/api/v1/whoami").status, 401);
}

TEST_F(ApiTest, GuessingPasswordsIsLimited) {
    int refused = 0;
    for (int i = 0; i < 12; ++i) {
        RawRequest request =
            raw("POST", "/api/v1/sessions", {{"name", "bob"}, {"password", "guess"}});
        const Reply reply = dispatcher_->handle(request);
        if (reply.status == 429) {
            ++refused;
            EXPECT_FALSE(header(reply, "Retry-After").empty());
        } else {
            EXPECT_EQ(code(reply), "auth.login_failed");
        }
    }
    EXPECT_EQ(refused, 2);
}

TEST_F(ApiTest, AnObjectIsMadeReadChangedAndDeletedUnderItsVersion) {
    const Reply made = call("POST", services(), {{"name", "Shop"}, {"code", "shop"}});
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string address = header(made, "Location");
    const Reply shown = call("GET", address);
    ASSERT_EQ(shown.status, 200) << shown.body;
    const std::string version = header(shown, "ETag");
    EXPECT_EQ(header(made, "ETag"), version);

    EXPECT_EQ(code(call("PATCH", address, {{"name", "Store"}})), "precondition.required");
    const Reply changed = call("PATCH", address, {{"name", "Store"}}, version);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_FALSE(header(changed, "Lintel-Revision").empty());
    EXPECT_NE(header(changed, "ETag"), version);

    const Reply stale = call("PATCH", address, {{"name", "Third"}}, version);
    EXPECT_EQ(stale.status, 412);
    EXPECT_EQ(json(stale).at("current").at("name"), "Store");
    EXPECT_EQ(header(stale, "ETag"), header(changed, "ETag"));

    EXPECT_EQ(call("DELETE", address, nullptr, version).status, 412);
    EXPECT_EQ(call("DELETE", address, nullptr, header(changed, "ETag")).status, 204);
    EXPECT_EQ(call("GET", address).status, 404);
}

TEST_F(ApiTest, UnknownMembersParametersAddressesAndMethodsAreRefused) {
    const Reply member = call("POST", services(), {{"name", "Shop"}, {"colour", "red"}});
    EXPECT_EQ(member.status, 400);
    EXPECT_EQ(json(member).at("errors").at(0).at("pointer"), "/colour");
    EXPECT_EQ(code(call("GET", services() + "?order_by=name")), "query.invalid");
    EXPECT_EQ(call("GET", "/api/v1/kangaroos").status, 404);
    EXPECT_EQ(call("GET", "/api/v1/gateways/other/services").status, 404);
    const Reply method = call("PUT", services());
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(header(method, "Allow"), "GET, POST");
}

TEST_F(ApiTest, AListIsPagedByKey) {
    for (const char* name : {"Apple", "Birch", "Cedar"}) {
        ASSERT_EQ(call("POST", services(), {{"name", name}}).status, 201);
    }
    std::vector<std::string> names;
    std::string token;
    do {
        const Reply page = call(
            "GET", services() + "?page_size=2" + (token.empty() ? "" : "&page_token=" + token));
        ASSERT_EQ(page.status, 200) << page.body;
        for (const Json& item : json(page).at("items")) {
            names.push_back(item.at("name"));
        }
        token = json(page).value("next_page_token", "");
    } while (!token.empty());
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"Apple", "Birch", "Cedar"}));
    EXPECT_EQ(call("GET", services() + "?page_token=nonsense").status, 400);
}

TEST_F(ApiTest, ARepeatedPostWithItsKeyGivesTheSameAnswerOnce) {
    RawRequest request = raw("POST", services(), {{"name", "Shop"}});
    request.idempotency_key = "key-1";
    const Reply first = dispatcher_->handle(request);
    ASSERT_EQ(first.status, 201) << first.body;
    const Reply again = dispatcher_->handle(request);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
    request.body = R"({"name":"Other"})";
    EXPECT_EQ(code(dispatcher_->handle(request)), "idempotency.mismatch");
    EXPECT_EQ(json(call("GET", services())).at("items").size(), 1U);
}

TEST_F(ApiTest, ARefusedPostMayBeCorrectedUnderItsKey) {
    RawRequest request = raw("POST", services(), {{"name", ""}});
    request.idempotency_key = "key-2";
    EXPECT_EQ(dispatcher_->handle(request).status, 400);
    request.body = R"({"name":"Shop"})";
    EXPECT_EQ(dispatcher_->handle(request).status, 201);
}

TEST_F(ApiTest, TheContractIsServedToAnybody) {
    RawRequest request = raw("GET", "/api/v1/openapi.json");
    request.authorization.clear();
    const Reply reply = dispatcher_->handle(request);
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(json(reply).at("openapi"), "3.0.3");
}

}  // namespace
}  // namespace lintel::admin
