// The store opened by this process: for 'serve', and for the commands that must work before anybody
// can log in.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "app/settings.h"
#include "base/clock.h"
#include "base/error.h"
#include "crypto/password.h"
#include "crypto/seal.h"
#include "management/management.h"
#include "store/store.h"

namespace lintel::app {

/// The store and the key that opens its secrets. The store goes first.
struct OpenedStore {
    std::unique_ptr<crypto::MasterKey> key;
    std::unique_ptr<store::Store> store;
};

/// Makes the data directory, for its user alone. StartFailed says what to do.
Status make_data_directory(const Settings& settings);

/// The server that holds the store; none: it is in the data directory. ConfigInvalid when the file
/// with its password cannot be read.
Result<std::optional<sql::Server>> store_server(const Settings& settings);

/// Makes directory, key and store at the first start. StartFailed with a sentence that says what to
/// do.
Result<OpenedStore> open_store(const Settings& settings, const Clock& clock);

management::Settings management_settings(const Settings& settings);

/// Role: use cases on a store without a data plane in this process. Accounts and tokens change
/// nothing that a data plane would have to know. Owner: a command.
class LocalManagement {
public:
    static Result<std::unique_ptr<LocalManagement>> open(const Settings& settings);
    ~LocalManagement();
    management::Management& management() { return *management_; }

private:
    class NoDataPlane;
    LocalManagement(management::Kinds kinds, OpenedStore store);

    SystemClock clock_;
    management::Kinds kinds_;
    OpenedStore opened_;
    crypto::PasswordHasher passwords_;
    management::AccessGuard guard_{passwords_};
    std::unique_ptr<management::Publisher> publisher_;
    std::unique_ptr<management::Management> management_;
};

}  // namespace lintel::app
