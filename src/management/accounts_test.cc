#include "management/accounts.h"

#include "management/idempotency.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class AccountsTest : public Scenario {
protected:
    const Secret password_{"correct horse battery"};
    const ClientInfo client_{.remote = "192.0.2.1", .request_id = "req_1"};

    IssuedToken set_up_root() {
        const Secret code = guard_.issue_setup_code(clock_.now_ms());
        auto session = set_up(*m_, code.reveal(), "Root", password_, client_);
        EXPECT_TRUE(session) << session.error().message;
        return *std::move(session);
    }
    Caller root() { return authenticate(*m_, set_up_root().text.reveal(), client_).value(); }
};

TEST_F(AccountsTest, TheSetUpCodeWorksOnceAndForHalfAnHour) {
    EXPECT_TRUE(needs_setup(*m_).value());
    const Secret old_code = guard_.issue_setup_code(clock_.now_ms());
    const Secret code = guard_.issue_setup_code(clock_.now_ms());
    EXPECT_EQ(set_up(*m_, old_code.reveal(), "root", password_, client_).error().code,
              Code::SetupCodeInvalid);
    EXPECT_EQ(set_up(*m_, "", "root", password_, client_).error().code, Code::SetupCodeInvalid);
    clock_.advance(std::chrono::minutes(30));
    EXPECT_EQ(set_up(*m_, code.reveal(), "root", password_, client_).error().code,
              Code::SetupCodeInvalid);
    set_up_root();
    EXPECT_FALSE(needs_setup(*m_).value());
    EXPECT_EQ(set_up(*m_, code.reveal(), "other", password_, client_).error().code,
              Code::SetupDone);
}

TEST_F(AccountsTest, ABadNameOrPasswordDoesNotUseTheCodeUp) {
    const Secret code = guard_.issue_setup_code(clock_.now_ms());
    const auto refused = set_up(*m_, code.reveal(), "with space", Secret("short"), client_);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has_fault(refused.error(), "/name", "user.name"));
    EXPECT_TRUE(has_fault(refused.error(), "/password", "user.password"));
    EXPECT_TRUE(set_up(*m_, code.reveal(), "root", password_, client_));
}

TEST_F(AccountsTest, LogInGivesAShortLivedToken) {
    set_up_root();
    const auto session = log_in(*m_, "ROOT", password_, client_);
    ASSERT_TRUE(session);
    EXPECT_TRUE(session->text.reveal().starts_with("lt_"));
    const auto caller = authenticate(*m_, session->text.reveal(), client_);
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->name(), "root");
    EXPECT_EQ(caller->permissions().size(), permission_table().size());
    clock_.advance(m_->settings.session_life);
    EXPECT_EQ(authenticate(*m_, session->text.reveal(), client_).error().code,
              Code::Unauthenticated);
}

TEST_F(AccountsTest, WrongNameAndWrongPasswordReadTheSame) {
    set_up_root();
    const auto wrong_name = log_in(*m_, "nobody", password_, client_);
    const auto wrong_password = log_in(*m_, "root", Secret("wrong horse battery"), client_);
    ASSERT_FALSE(wrong_name);
    ASSERT_FALSE(wrong_password);
    EXPECT_EQ(wrong_name.error().code, Code::LoginFailed);
    EXPECT_EQ(wrong_name.error().message, wrong_password.error().message);
}

TEST_F(AccountsTest, GuessingIsSlowedPerAccountAndInAll) {
    set_up_root();
    for (int i = 0; i < AccessGuard::kMaxPerAccount; ++i) {
        EXPECT_EQ(log_in(*m_, "root", Secret("wrong"), client_).error().code, Code::LoginFailed);
    }
    EXPECT_EQ(log_in(*m_, "root", password_, client_).error().code, Code::LoginLimited);
    clock_.advance(AccessGuard::kWindow);
    EXPECT_TRUE(log_in(*m_, "root", password_, client_));
    for (int i = 0; i < AccessGuard::kMaxInAll; ++i) {
        (void)guard_.admit("user" + std::to_string(i), clock_.now_ms());
    }
    // Names of attempts that are refused anyhow are not remembered.
    for (int i = 0; i < 20 * AccessGuard::kMaxInAll; ++i) {
        EXPECT_FALSE(guard_.admit("more" + std::to_string(i), clock_.now_ms()));
    }
    EXPECT_LE(guard_.remembered_accounts(), std::size_t{AccessGuard::kMaxInAll});
    EXPECT_EQ(log_in(*m_, "root", password_, client_).error().code, Code::LoginLimited);
}

TEST_F(AccountsTest, LogOutEndsTheToken) {
    const IssuedToken session = set_up_root();
    const Caller caller = authenticate(*m_, session.text.reveal(), client_).value();
    ASSERT_TRUE(log_out(*m_, caller));
    EXPECT_EQ(authenticate(*m_, session.text.reveal(), client_).error().code,
              Code::Unauthenticated);
}

TEST_F(AccountsTest, MalformedTokensAreRefused) {
    for (const std::string& token :
         {std::string(), std::string("x"), std::string("lt_"), "lt_" + std::string(300, 'a')}) {
        EXPECT_EQ(authenticate(*m_, token, client_).error().code, Code::Unauthenticated);
    }
}

TEST_F(AccountsTest, ATokenCarriesNoMoreThanItsMakerHas) {
    const Caller caller = root();
    const auto narrow =
        create_token(*m_, caller, {.name = "ci", .permissions = {"service:read", "token:write"}});
    ASSERT_TRUE(narrow) << narrow.error().message;
    const Caller robot = authenticate(*m_, narrow->text.reveal(), client_).value();
    EXPECT_TRUE(robot.require(Permission::ReadService));
    EXPECT_FALSE(robot.require(Permission::WriteService));
    EXPECT_EQ(
        create_token(*m_, robot, {.name = "x", .permissions = {"service:write"}}).error().code,
        Code::PermissionDenied);
    const auto copy = create_token(*m_, robot, {.name = "copy"});
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->token.permissions, narrow->token.permissions);
    EXPECT_TRUE(
        has_fault(create_token(*m_, caller, {.name = "x", .permissions = {"service:fly"}}).error(),
                  "/permissions/0", "permission.unknown"));
    EXPECT_EQ(create_token(*m_, caller, {.name = "x", .user = "other"}).error().code,
              Code::PermissionDenied);
    EXPECT_EQ(
        create_token(*m_, caller, {.name = "x", .life = std::chrono::hours(24 * 366)}).error().code,
        Code::FieldInvalid);
}

TEST_F(AccountsTest, TokensAreListedAndRevokedByTheirOwner) {
    const Caller caller = root();
    const auto token = create_token(*m_, caller, {.name = "ci"});
    ASSERT_TRUE(token);
    EXPECT_EQ(list_tokens(*m_, caller, {})->items.size(), 2U);
    ASSERT_TRUE(create_administrator(*m_, caller, "second", password_));
    const Caller second =
        authenticate(*m_, log_in(*m_, "second", password_, client_)->text.reveal(), client_)
            .value();
    EXPECT_EQ(revoke_token(*m_, second, token->token.id).error().code, Code::NotFound);
    ASSERT_TRUE(revoke_token(*m_, caller, token->token.id));
    EXPECT_FALSE(authenticate(*m_, token->text.reveal(), client_));
}

TEST_F(AccountsTest, TheCommandLineMakesTokensForUsersThatExist) {
    root();
    EXPECT_EQ(create_token(*m_, caller_, {.name = "x", .user = "nobody"}).error().code,
              Code::NotFound);
    const auto token = create_token(*m_, caller_, {.name = "x", .user = "Root"});
    ASSERT_TRUE(token);
    EXPECT_EQ(authenticate(*m_, token->text.reveal(), client_)->name(), "root");
    EXPECT_EQ(create_administrator(*m_, caller_, "root", password_).error().code, Code::NameTaken);
}

TEST_F(AccountsTest, ARepeatedRequestGetsTheStoredAnswer) {
    const Caller caller = root();
    EXPECT_FALSE(begin_request(*m_, caller, "key", "aa").value());
    EXPECT_EQ(begin_request(*m_, caller, "key", "aa").error().code, Code::IdempotencyInProgress);
    EXPECT_EQ(begin_request(*m_, caller, "key", "bb").error().code, Code::IdempotencyMismatch);
    ASSERT_TRUE(finish_request(*m_, caller, "key", {.status = 201, .body = "{}"}));
    const auto again = begin_request(*m_, caller, "key", "aa").value();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 201);
    EXPECT_EQ(begin_request(*m_, caller, "key", "bb").error().code, Code::IdempotencyMismatch);
    clock_.advance(std::chrono::hours(25));
    EXPECT_FALSE(begin_request(*m_, caller, "key", "bb").value());
    ASSERT_TRUE(abandon_request(*m_, caller, "key"));
    EXPECT_FALSE(begin_request(*m_, caller, "key", "cc").value());
}

}  // namespace
}  // namespace lintel::management
