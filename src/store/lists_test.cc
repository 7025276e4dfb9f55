// A page of a list takes as much work in a large store as in a small one. Work is counted in steps
// of the engine whose planner knows least: without statistics it takes the index that is there.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include <fmt/format.h>

#include "store/store.h"
#include "support/sqlite_work.h"
#include "support/temporary_folder.h"

namespace lintel::store {
namespace {

constexpr int kFew = 300;
constexpr int kMany = 3000;
constexpr int kPage = 21;

template <typename Id>
Id numbered(const char* prefix, int number) {
    return Id(fmt::format("{}_{:08}", prefix, number));
}

const model::UserId kUser("usr_subscriber");
const model::UserId kBusyUser("usr_busy");

/// A store with so many services, credentials, subscriptions and events.
class Filled {
public:
    explicit Filled(int count) {
        Transaction tx = store_->begin().value();
        gateway_ = tx.gateways().find_by_code("default").value()->id;
        project_ = tx.projects().default_of(gateway_)->id;
        environment_ = tx.environments().list(gateway_)->front().id;
        for (const model::UserId& user : {kUser, kBusyUser}) {
            EXPECT_TRUE(tx.users().add({.id = user, .name = user.str(), .enabled = true}));
        }
        for (int i = 0; i < count; ++i) {
            add_service(tx, i);
            add_credentials(tx, i);
            add_subscription(tx, i);
            add_event(tx, i);
        }
        EXPECT_TRUE(tx.commit());
    }

    /// What the work of `look` at the page is; the page must be full.
    std::int64_t work_of(const std::function<std::size_t(Transaction&, const Filled&)>& look) {
        Transaction tx = store_->read().value();
        support::SqliteWork::take();
        EXPECT_EQ(look(tx, *this), static_cast<std::size_t>(kPage));
        return support::SqliteWork::take();
    }

    const model::GatewayId& gateway() const { return gateway_; }
    const model::ProjectId& project() const { return project_; }
    static model::ServiceId service() { return numbered<model::ServiceId>("svc", 0); }

private:
    void add_service(Transaction& tx, int i) {
        const auto id = numbered<model::ServiceId>("svc", i);
        model::ServiceDefinition definition;
        definition.apis.resize(1);
        definition.apis.front().auth.kind = "basic";
        EXPECT_TRUE(tx.services().add({.id = id,
                                       .gateway_id = gateway_,
                                       .project_id = project_,
                                       .code = fmt::format("code-{}", i),
                                       .name = fmt::format("Name {}", i),
                                       .group = "Default"}));
        EXPECT_TRUE(tx.services().put_labels(id, {{"team", "many"}}));
        EXPECT_TRUE(tx.releases().add({.service_id = id, .number = 1, .definition = definition}));
        EXPECT_TRUE(
            tx.deployments().put({.service_id = id, .environment_id = environment_, .release = 1}));
        EXPECT_TRUE(tx.listings().save(
            {.service_id = id, .status = model::ListingStatus::Listed, .provider = "ann"}));
    }
    void add_credentials(Transaction& tx, int i) {
        for (const char* owner : {"call", "own"}) {
            model::Credential credential;
            credential.id = numbered<model::CredentialId>(owner, i);
            if (*owner == 'c') {
                credential.owner.service_id = service();
            } else {
                credential.owner.user_id = kBusyUser;
                credential.owner.gateway_id = gateway_;
            }
            credential.name = fmt::format("credential {}", i);
            for (const model::KeyPairType type : model::kKeyPairTypes) {
                credential.pair(type) = {.key = credential.id.str(), .secret = Secret("secret")};
            }
            EXPECT_TRUE(tx.credentials().add(credential));
        }
    }
    void add_subscription(Transaction& tx, int i) {
        model::Application application{.type = model::ApplicationType::Subscribe,
                                       .service_id = service(),
                                       .service_code = "code-0",
                                       .project_id = project_,
                                       .project_name = "Default",
                                       .applicant_id = kUser,
                                       .applicant = kUser.str(),
                                       .status = model::ApplicationStatus::Approved,
                                       .gateway_id = gateway_};
        EXPECT_TRUE(tx.applications().add(application));
        EXPECT_TRUE(
            tx.subscriptions().add({.id = numbered<model::SubscriptionId>("sub", i),
                                    .application = application.number,
                                    .service_id = service(),
                                    .user_id = kUser,
                                    .credential_id = numbered<model::CredentialId>("own", i),
                                    .status = model::SubscriptionStatus::Approved}));
        // One of each other service, so that the catalog has what it is asked for.
        application.service_id = numbered<model::ServiceId>("svc", i);
        EXPECT_TRUE(tx.applications().add(application));
        EXPECT_TRUE(tx.subscriptions().add({.id = numbered<model::SubscriptionId>("sus", i),
                                            .application = application.number,
                                            .service_id = application.service_id,
                                            .user_id = kBusyUser,
                                            .credential_id = model::CredentialId("crd_other"),
                                            .status = model::SubscriptionStatus::Approved}));
    }
    void add_event(Transaction& tx, int i) {
        EXPECT_TRUE(tx.audit().add({.id = numbered<model::AuditEventId>("aud", i),
                                    .at = i,
                                    .actor = "ann",
                                    .action = "service.edit",
                                    .object_type = "service",
                                    .object_id = "svc_1",
                                    .object_name = "Name",
                                    .project_id = project_}));
    }

    support::TemporaryFolder folder_;
    const crypto::MasterKey key_ = crypto::MasterKey::generate();
    const FakeClock clock_{1'000'000};
    std::unique_ptr<Store> store_ =
        Store::open({.directory = folder_.path(), .server = {}}, key_, clock_).value();
    model::GatewayId gateway_;
    model::ProjectId project_;
    model::EnvironmentId environment_;
};

using Look = std::function<std::size_t(Transaction&, const Filled&, const IdPage&)>;

std::size_t services(Transaction& tx, ServiceQuery query, const IdPage& page) {
    return tx.services().list(query, page)->size();
}
std::size_t catalog(Transaction& tx, CatalogQuery query, const IdPage& page) {
    return tx.listings().catalog(query, page)->size();
}
std::size_t applications(Transaction& tx, const ApplicationQuery& query, const IdPage& page) {
    const std::int64_t before = page.after.empty() ? 0 : std::stoll(page.after);
    return tx.applications().list(query, before, page.limit)->size();
}

/// Each list with the prefix of its keys; "" where they are numbers.
struct List {
    const char* prefix;
    Look look;
};

const std::map<std::string, List> kLists{
    {"services",
     {"svc_", [](auto& tx, const auto& in,
                 const auto& page) { return services(tx, {.gateway = in.gateway()}, page); }}},
    {"services of a project",
     {"svc_",
      [](auto& tx, const auto& in, const auto& page) {
          return services(tx, {.gateway = in.gateway(), .projects = {{in.project()}}}, page);
      }}},
    {"services with a status, a label, a group and a text",
     {"svc_",
      [](auto& tx, const auto& in, const auto& page) {
          return services(tx,
                          {.gateway = in.gateway(),
                           .status = model::ServiceStatus::Running,
                           .group = "Default",
                           .labels = {{.name = "team", .value = "many"}},
                           .text = "name"},
                          page);
      }}},
    {"catalog",
     {"svc_", [](auto& tx, const auto& in,
                 const auto& page) { return catalog(tx, {.gateway_id = in.gateway()}, page); }}},
    {"catalog by text, group, project and auth",
     {"svc_",
      [](auto& tx, const auto& in, const auto& page) {
          return catalog(tx,
                         {.gateway_id = in.gateway(),
                          .text = "name",
                          .group = "Default",
                          .project = in.project().str(),
                          .auth = "basic"},
                         page);
      }}},
    {"catalog with a subscription",
     {"svc_",
      [](auto& tx, const auto& in, const auto& page) {
          return catalog(tx,
                         {.gateway_id = in.gateway(),
                          .user = kBusyUser,
                          .subscription = model::SubscriptionStatus::Approved},
                         page);
      }}},
    {"credentials of a service by text",
     {"call_",
      [](auto& tx, const auto& in, const auto& page) {
          return tx.credentials()
              .list({.owner = {.service_id = in.service()}, .text = "CREDENTIAL"}, page)
              ->size();
      }}},
    {"credentials of a user",
     {"own_",
      [](auto& tx, const auto& in, const auto& page) {
          return tx.credentials()
              .list({.owner = {.user_id = kBusyUser, .gateway_id = in.gateway()}, .text = ""}, page)
              ->size();
      }}},
    {"credentials of all users",
     {"own_",
      [](auto& tx, const auto& in, const auto& page) {
          return tx.credentials()
              .list({.owner = {.gateway_id = in.gateway()}, .text = "own_"}, page)
              ->size();
      }}},
    {"subscribers",
     {"sub_",
      [](auto& tx, const auto& in, const auto& page) {
          return tx.subscriptions()
              .list({.service_id = in.service(), .status = model::SubscriptionStatus::Approved},
                    page)
              ->size();
      }}},
    {"subscriptions of a user",
     {"sub_",
      [](auto& tx, const auto& in, const auto& page) {
          return tx.subscriptions()
              .list({.gateway_id = in.gateway(), .user_id = kUser}, page)
              ->size();
      }}},
    {"applications",
     {"", [](auto& tx, const auto& in,
             const auto& page) { return applications(tx, {.gateway_id = in.gateway()}, page); }}},
    {"applications of an applicant",
     {"",
      [](auto& tx, const auto& in, const auto& page) {
          return applications(tx, {.gateway_id = in.gateway(), .applicant_id = kUser}, page);
      }}},
    {"applications of projects with a status",
     {"",
      [](auto& tx, const auto& in, const auto& page) {
          return applications(tx,
                              {.gateway_id = in.gateway(),
                               .projects = {{in.project()}},
                               .type = model::ApplicationType::Subscribe,
                               .status = model::ApplicationStatus::Approved},
                              page);
      }}},
    {"audit events by text",
     {"aud_",
      [](auto& tx, const auto&, const auto& page) {
          return tx.audit().list({.text = "Service.EDIT"}, page)->size();
      }}},
    {"audit events of an actor in a project",
     {"aud_",
      [](auto& tx, const auto& in, const auto& page) {
          return tx.audit().list({.actor = "ann", .projects = {{in.project()}}}, page)->size();
      }}},
    {"audit events of a kind",
     {"aud_",
      [](auto& tx, const auto&, const auto& page) {
          return tx.audit()
              .list({.action = "service.edit",
                     .object_type = "service",
                     .result = "succeeded",
                     .since = 0},
                    page)
              ->size();
      }}},
};

/// The last full page begins after the object with this number.
std::string key_of_last_page(const List& list) {
    return *list.prefix == 0 ? std::to_string(kPage + 1)
                             : fmt::format("{}{:08}", list.prefix, kPage);
}

TEST(Lists, APageTakesNoMoreWorkWhenThereAreTenTimesAsMany) {
    const support::SqliteWork watched;
    Filled few(kFew);
    Filled many(kMany);
    for (const auto& [name, list] : kLists) {
        for (const std::string& after : {std::string(), key_of_last_page(list)}) {
            const auto look = [&list, &after](Transaction& tx, const Filled& in) {
                return list.look(tx, in, {.after = after, .limit = kPage});
            };
            many.work_of(look);  // prepares the statements
            few.work_of(look);
            const std::int64_t there = many.work_of(look);
            const std::int64_t here = few.work_of(look);
            EXPECT_LE(there, here + here / 4) << name << ", after '" << after << "'";
            EXPECT_GT(here, kPage) << name;
        }
    }
}

}  // namespace
}  // namespace lintel::store
