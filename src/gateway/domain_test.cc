#include "gateway/domain.h"

#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

std::shared_ptr<const Domain> domain(const std::string& name) {
    return std::make_shared<const Domain>(
        Domain{.id = "dom_" + name, .name = name, .mappings = {}});
}

std::string found(const DomainTable& table, std::string_view host) {
    const Domain* const domain = table.find(host);
    return domain == nullptr ? "" : domain->name;
}

TEST(DomainTable, FindsTheMostSpecificName) {
    const DomainTable table({domain("api.example.com"), domain("*.example.com"),
                             domain("*.eu.example.com"), domain("other.org")});
    EXPECT_EQ(found(table, "api.example.com"), "api.example.com");
    EXPECT_EQ(found(table, "x.example.com"), "*.example.com");
    EXPECT_EQ(found(table, "x.api.example.com"), "*.example.com");
    EXPECT_EQ(found(table, "x.eu.example.com"), "*.eu.example.com");
    EXPECT_EQ(found(table, "y.x.eu.example.com"), "*.eu.example.com");
    EXPECT_EQ(found(table, "eu.example.com"), "*.example.com");
    EXPECT_EQ(found(table, "example.com"), "");
    EXPECT_EQ(found(table, "badexample.com"), "");
    EXPECT_EQ(found(table, "x.other.org"), "");
    EXPECT_EQ(found(table, ""), "");
    EXPECT_EQ(found(DomainTable(), "api.example.com"), "");
}

TEST(Domain, MapsThePathToTheLongestPrefixOfWholeSegments) {
    const Domain two{.id = "",
                     .name = "",
                     .mappings = {{"/v1/pets", "pets", "test"}, {"/v1", "old", "release"}}};
    const auto service = [&](std::string_view path) {
        const DomainMapping* const mapping = two.mapping_of(path);
        return mapping == nullptr ? "" : mapping->service;
    };
    EXPECT_EQ(service("/v1/pets"), "pets");
    EXPECT_EQ(service("/v1/pets/7"), "pets");
    EXPECT_EQ(service("/v1/petshop"), "old");
    EXPECT_EQ(service("/v1"), "old");
    EXPECT_EQ(service("/v10"), "");
    EXPECT_EQ(service("/"), "");
    const Domain all{.id = "", .name = "", .mappings = {{"/", "pets", "test"}}};
    EXPECT_EQ(all.mapping_of("/anything/at/all")->service, "pets");
    EXPECT_EQ(all.mapping_of("/")->service, "pets");
}

}  // namespace
}  // namespace lintel::gateway
