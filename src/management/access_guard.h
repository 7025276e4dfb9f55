// Guards the doors that open without a token: log-in attempts are counted, the set-up code works
// once and not for long.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "crypto/password.h"

namespace lintel::management {

/// Role: memory of failed attempts and of the set-up code. Owner: the app. Any management thread
/// may use it.
class AccessGuard {
public:
    /// The window attempts are counted in, and the Retry-After of a refusal.
    static constexpr std::chrono::seconds kWindow{60};
    static constexpr int kMaxPerAccount = 10;
    static constexpr int kMaxInAll = 100;
    static constexpr std::chrono::minutes kSetupCodeLife{30};

    explicit AccessGuard(const crypto::PasswordHasher& passwords) : passwords_(passwords) {}

    const crypto::PasswordHasher& passwords() const { return passwords_; }

    /// Counts an attempt; LoginLimited when too many came within the window, for this account or in
    /// all.
    Status admit(std::string_view account, TimeMs now);
    /// A successful log-in clears the account's count.
    void succeeded(std::string_view account);

    /// Whether one more refusal of this account belongs into the audit: of a flood only its
    /// beginning does.
    bool notes_refusal_of(std::string_view account, TimeMs now);

    /// Whose attempts are remembered: bounded, since names are free to invent.
    std::size_t remembered_accounts() const;

    /// Makes a new set-up code; an older one is void.
    Secret issue_setup_code(TimeMs now);
    /// SetupCodeInvalid unless the code is the current one and young enough. Does not use it up.
    Status check_setup_code(std::string_view code, TimeMs now) const;
    void use_up_setup_code();

private:
    struct Attempts {
        TimeMs window_start = 0;
        int count = 0;
    };
    /// Counts by account and in all, within windows.
    struct Tally {
        std::map<std::string, Attempts, std::less<>> accounts = {};
        Attempts in_all = {};
        /// False when this one is too many.
        bool take(std::string_view account, TimeMs now);
    };

    const crypto::PasswordHasher& passwords_;
    mutable std::mutex mutex_;
    Tally log_ins_;
    Tally refusals_;
    Secret setup_code_;
    TimeMs setup_code_made_ = 0;
};

}  // namespace lintel::management
