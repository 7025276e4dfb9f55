#include "gateway/route_table.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

std::shared_ptr<const CompiledService> service(std::string_view environment, std::string_view code,
                                               std::int64_t release = 1) {
    auto made = std::make_shared<CompiledService>();
    made->code = code;
    made->environment = environment;
    made->release = release;
    auto route = std::make_shared<Route>(RouteNames{.method = "GET", .path = "/x"});
    route->service = made.get();
    made->routes.push_back(route);
    return made;
}

std::string resolve(const RouteTable& table, std::string_view host, std::string_view path) {
    const ServiceAddress address = table.resolve(host, path);
    if (address.service == nullptr) { return "nobody"; }
    return fmt::format("{}/{} {}", address.service->environment, address.service->code,
                       address.api_path);
}

RouteTable three_services() {
    return RouteTable::of(
        {service("release", "pets"), service("test", "pets"), service("release", "big-pets")});
}

TEST(RouteTable, ThePrefixAnswersOnAnyHost) {
    const RouteTable table = three_services();
    EXPECT_EQ(resolve(table, "127.0.0.1", "/release/pets/x/y"), "release/pets /x/y");
    EXPECT_EQ(resolve(table, "", "/test/pets/"), "test/pets /");
    EXPECT_EQ(resolve(table, "any.example", "/release/pets"), "release/pets /");
    EXPECT_EQ(resolve(table, "any.example", "/release/big-pets/x"), "release/big-pets /x");
    EXPECT_EQ(resolve(table, "any.example", "/release/pet/x"), "nobody");
    EXPECT_EQ(resolve(table, "any.example", "/release/petsx"), "nobody");
    EXPECT_EQ(resolve(table, "any.example", "/Release/pets/x"), "nobody");
    EXPECT_EQ(resolve(table, "any.example", "/release"), "nobody");
    EXPECT_EQ(resolve(table, "any.example", "/"), "nobody");
}

TEST(RouteTable, HostsOfTheBaseDomainSplitAtTheLastDash) {
    const RouteTable table = three_services();
    EXPECT_EQ(resolve(table, "pets-release.localhost", "/x"), "release/pets /x");
    EXPECT_EQ(resolve(table, "big-pets-release.localhost", "/x"), "release/big-pets /x");
    EXPECT_EQ(resolve(table, "pets-prepub.localhost", "/x"), "nobody");
    EXPECT_EQ(resolve(table, "pets.localhost", "/x"), "nobody");
    EXPECT_EQ(resolve(table, "a.pets-release.localhost", "/x"), "nobody");
    EXPECT_EQ(resolve(table, "pets-release.localhost.example", "/x"), "nobody");
    EXPECT_EQ(resolve(table, "pets-releaselocalhost", "/x"), "nobody");
    EXPECT_EQ(resolve(table, "-release.localhost", "/x"), "nobody");
}

TEST(RouteTable, EnvironmentsOfOtherGatewaysHaveNamesOfTheirOwn) {
    const RouteTable table = RouteTable::of(
        {service("release", "pets"), service("release.shop", "pets"),
         service(std::string(16, 'e') + "." + std::string(16, 'g'), std::string(40, 's'))});
    EXPECT_EQ(resolve(table, "", "/release.shop/pets/x"), "release.shop/pets /x");
    EXPECT_EQ(resolve(table, "", "/release/pets/x"), "release/pets /x");
    EXPECT_EQ(resolve(table, "pets-release.shop.localhost", "/x"), "release.shop/pets /x");
    EXPECT_EQ(resolve(table, "pets-release.localhost", "/x"), "release/pets /x");
    EXPECT_EQ(resolve(table, "", "/release.other/pets/x"), "nobody");
    EXPECT_NE(
        table.at(std::string(16, 'e') + "." + std::string(16, 'g'), std::string(40, 's')).service,
        nullptr)
        << "the longest address there can be";
}

TEST(RouteTable, AnotherBaseDomainOrNoneIsASetting) {
    const RouteTable table = RouteTable::of({service("release", "pets")}, "api.example.com");
    EXPECT_EQ(resolve(table, "pets-release.api.example.com", "/x"), "release/pets /x");
    EXPECT_EQ(resolve(table, "pets-release.localhost", "/x"), "nobody");
    const RouteTable none = RouteTable::of({service("release", "pets")}, "");
    EXPECT_EQ(resolve(none, "pets-release.localhost", "/x"), "nobody");
    EXPECT_EQ(resolve(none, "pets-release.localhost", "/release/pets/x"), "release/pets /x");
}

TEST(RouteTable, AChangeLeavesTheOldTableAndSharesTheRest) {
    const RouteTable before = three_services();
    const RouteTable after = before.with(service("release", "pets", 2)).without("test", "pets");
    EXPECT_EQ(before.find("release", "pets")->release, 1);
    EXPECT_EQ(after.find("release", "pets")->release, 2);
    EXPECT_NE(before.find("test", "pets"), nullptr);
    EXPECT_EQ(after.find("test", "pets"), nullptr);
    EXPECT_EQ(before.find("release", "big-pets"), after.find("release", "big-pets"));
    EXPECT_EQ(after.services().size(), 2U);
    EXPECT_EQ(after.route_count(), 2U);
    // Taking out what is not there changes nothing.
    EXPECT_EQ(after.without("test", "nobody").services().size(), 2U);
}

TEST(RouteTable, AServiceLivesAsLongAsATableHasIt) {
    std::weak_ptr<const CompiledService> watched;
    {
        RouteTable table;
        {
            auto made = service("test", "pets");
            watched = made;
            table = table.with(std::move(made));
        }
        EXPECT_FALSE(watched.expired());
        const RouteTable copy = table;
        table = table.without("test", "pets");
        EXPECT_FALSE(watched.expired());
    }
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace lintel::gateway
