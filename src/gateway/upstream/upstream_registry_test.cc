#include "gateway/upstream/upstream_registry.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "async/tls.h"

namespace lintel::gateway {
namespace {

TEST(UpstreamRegistry, TheSameOriginIsOneObject) {
    UpstreamRegistry registry;
    const auto first = registry.origin(http::Origin("pets.example", 80));
    const auto again = registry.origin(http::Origin("pets.example", 80));
    EXPECT_EQ(first, again);
    EXPECT_EQ(first->host, "pets.example");
    EXPECT_NE(registry.origin(http::Origin("pets.example", 81)), first);
    EXPECT_NE(registry.origin(http::Origin("pets.example", 80, {}, http::Version::Http2)), first);
    EXPECT_NE(registry.origin(http::Origin("pets.example", 80,
                                           http::Origin::Tls{.server_name = "pets.example"})),
              first);
}

TEST(UpstreamRegistry, AnOriginWithATlsClientOfItsOwnIsNotShared) {
    UpstreamRegistry registry;
    const auto with = [&](std::shared_ptr<const async::TlsClient> client) {
        return registry.origin(http::Origin(
            "pets.example", 443,
            http::Origin::Tls{
                .server_name = "pets.example", .client = std::move(client), .trust = "the same"}));
    };
    const auto before = async::TlsClient::build({});
    const auto renewed = async::TlsClient::build({});
    ASSERT_TRUE(before && renewed);
    const auto first = with(*before);
    EXPECT_EQ(first->tls->client, *before);
    EXPECT_EQ(with(*renewed)->tls->client, *renewed) << "though the key is the same";
}

TEST(UpstreamRegistry, StateLastsOverReleasesAndThatOfAServerWhileAnybodyKnowsIt) {
    UpstreamRegistry registry;
    EXPECT_EQ(registry.state("one"), registry.state("one"));
    EXPECT_NE(registry.state("one"), registry.state("two"));
    auto server = registry.server("one", "10.0.0.1:80");
    EXPECT_EQ(registry.server("one", "10.0.0.1:80"), server);
    EXPECT_NE(registry.server("two", "10.0.0.1:80"), server);
    server->begin_call();
    server.reset();
    EXPECT_EQ(registry.server("one", "10.0.0.1:80")->in_flight(), 0U) << "removed meanwhile";
}

}  // namespace
}  // namespace lintel::gateway
