// What the tests of the use cases stand on: a real store in a temporary directory, a clock that
// stands still, a data plane that only remembers what it was told.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "management/accounts.h"
#include "management/apis.h"
#include "management/management.h"
#include "management/published.h"
#include "management/releases.h"
#include "management/services.h"
#include "store/store.h"
#include "support/temporary_folder.h"

namespace lintel::management {

/// Accepts every release unless told otherwise.
class FakePublisher final : public Publisher {
public:
    Status check(const Candidate& candidate) override {
        checked.push_back(candidate.release.number);
        return refusals.empty()
                   ? Status{}
                   : fail({.code = Code::PublishRefused, .message = "no", .faults = refusals});
    }
    Status check(const model::Upstream& upstream) override {
        checked_upstreams.push_back(upstream.name);
        return refusals.empty()
                   ? Status{}
                   : fail({.code = Code::FieldInvalid, .message = "no", .faults = refusals});
    }
    Result<DebugAnswer> debug(const DebugCall& call) override {
        debugged.push_back(call.method + " " + call.path);
        debugged_definitions.push_back(call.release.definition);
        return DebugAnswer{.target = call.path, .status = 200};
    }
    std::uint64_t refresh(const Change& change) override {
        changes.push_back(change);
        return ++revision_;
    }
    std::uint64_t revision() const override { return revision_; }
    std::optional<UpstreamHealth> health(const model::UpstreamId&) const override {
        return UpstreamHealth{.available = true};
    }

    std::vector<Fault> refusals;
    std::vector<std::int64_t> checked;
    std::vector<std::string> checked_upstreams;
    std::vector<Change> changes;
    std::vector<std::string> debugged;
    std::vector<model::ServiceDefinition> debugged_definitions;

private:
    std::uint64_t revision_ = 1;
};

/// What the data plane is given of credentials.
struct ServedCredentials {
    std::vector<model::Credential> credentials;
    std::vector<model::Grant> grants;
};

class Scenario : public testing::Test {
protected:
    void SetUp() override;

    /// A service "pets" with one mock API "/pets".
    ServiceView create_pets(const std::string& code = "pets");
    static model::ApiDefinition api(const std::string& name, const std::string& path,
                                    model::Method method = model::Method::Get);
    PublishResult publish_pets(const std::vector<std::string>& environments = {"release"});
    /// How many audit events of this action there are.
    std::size_t audited(const std::string& action);
    /// Of an owner, or all there are.
    ServedCredentials served(const std::optional<model::CredentialOwner>& owner) const;
    std::vector<PublishedService> running() const;
    /// A caller whose token carries these permissions only.
    Caller with_permissions(std::vector<std::string> permissions) const;

    support::TemporaryFolder directory_;
    FakeClock clock_{1'700'000'000'000};
    FakePublisher publisher_;
    crypto::MasterKey key_ = crypto::MasterKey::generate();
    crypto::PasswordHasher passwords_{key_, {.memory_bytes = 8192, .passes = 1}};
    AccessGuard guard_{passwords_};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Kinds> kinds_;
    std::unique_ptr<Management> m_;
    Caller caller_ = Caller::at_command_line();
};

/// Whether an error lists this fault.
bool has_fault(const Error& error, std::string_view pointer, std::string_view code);

}  // namespace lintel::management
