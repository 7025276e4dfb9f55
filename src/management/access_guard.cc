#include "management/access_guard.h"

#include "crypto/keys.h"

namespace lintel::management {

namespace {
constexpr std::size_t kMaxAccounts = 10'000;
constexpr TimeMs kWindowMs = std::chrono::milliseconds(AccessGuard::kWindow).count();
constexpr TimeMs kSetupCodeLifeMs = std::chrono::milliseconds(AccessGuard::kSetupCodeLife).count();
}  // namespace

bool AccessGuard::Tally::take(std::string_view account, TimeMs now) {
    const auto count = [now](Attempts& attempts) {
        if (now - attempts.window_start >= kWindowMs || now < attempts.window_start) {
            attempts = {.window_start = now, .count = 0};
        }
        return ++attempts.count;
    };
    if (accounts.size() >= kMaxAccounts) {
        // Names are free to invent, so the memory of them is bounded: what is over is forgotten.
        std::erase_if(accounts, [now](const auto& entry) {
            return now - entry.second.window_start >= kWindowMs;
        });
    }
    // In this order: an attempt that is refused anyhow leaves no name behind.
    return count(in_all) <= kMaxInAll && count(accounts[std::string(account)]) <= kMaxPerAccount;
}

Status AccessGuard::admit(std::string_view account, TimeMs now) {
    const std::scoped_lock lock(mutex_);
    if (log_ins_.take(account, now)) { return {}; }
    return fail({.code = Code::LoginLimited,
                 .message = "Too many attempts; try again in " + std::to_string(kWindow.count()) +
                            " seconds.",
                 .retryable = true});
}

bool AccessGuard::notes_refusal_of(std::string_view account, TimeMs now) {
    const std::scoped_lock lock(mutex_);
    return refusals_.take(account, now);
}

void AccessGuard::succeeded(std::string_view account) {
    const std::scoped_lock lock(mutex_);
    auto& accounts = log_ins_.accounts;
    if (const auto at = accounts.find(account); at != accounts.end()) { accounts.erase(at); }
}

std::size_t AccessGuard::remembered_accounts() const {
    const std::scoped_lock lock(mutex_);
    return log_ins_.accounts.size();
}

Secret AccessGuard::issue_setup_code(TimeMs now) {
    const std::scoped_lock lock(mutex_);
    setup_code_ = Secret(crypto::make_secret().reveal().substr(0, 32));
    setup_code_made_ = now;
    return setup_code_;
}

Status AccessGuard::check_setup_code(std::string_view code, TimeMs now) const {
    const std::scoped_lock lock(mutex_);
    const bool is_young = now - setup_code_made_ < kSetupCodeLifeMs;
    if (setup_code_.empty() || !is_young || !setup_code_.equals(code)) {
        return fail(Code::SetupCodeInvalid,
                    "The set-up code is wrong or too old; use the one printed at the last start, "
                    "or restart Lintel for a new one.");
    }
    return {};
}

void AccessGuard::use_up_setup_code() {
    const std::scoped_lock lock(mutex_);
    setup_code_ = Secret();
}

}  // namespace lintel::management
