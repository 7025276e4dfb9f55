#include "compiler/compile_domains.h"

#include <gtest/gtest.h>

#include <array>

#include "base/clock.h"
#include "crypto/self_signed.h"

namespace lintel::compiler {
namespace {

/// `authorities`: who signs clients; the certificates of anybody will do here.
CertificateTable::Entry certificate(const std::string& id, std::int64_t version = 1,
                                    std::vector<std::string> authorities = {}) {
    const std::array<std::string, 1> names{"*.example.com"};
    const auto made = crypto::make_self_signed(names, SystemClock().now_ms()).value();
    auto material = crypto::read_certificate(made.certificate_pem, made.key_pem.reveal()).value();
    return std::make_shared<const gateway::OwnCertificate>(
        gateway::OwnCertificate{.id = id,
                                .name = "name of " + id,
                                .gateway_id = "gw_1",
                                .version = version,
                                .fingerprint = id,
                                .material = std::move(material),
                                .authorities = std::move(authorities)});
}

management::PublishedDomain domain(const std::string& name, const std::string& certificate_id) {
    management::PublishedDomain published;
    published.domain.id = model::DomainId("dom_" + name);
    published.domain.name = name + ".example.com";
    published.domain.mappings = {{.prefix = "/",
                                  .service_id = model::ServiceId("svc_1"),
                                  .environment_id = model::EnvironmentId("env_1")},
                                 {.prefix = "/v1",
                                  .service_id = model::ServiceId("svc_2"),
                                  .environment_id = model::EnvironmentId("env_1")}};
    published.targets = {{.service = "pets", .environment = "test"},
                         {.service = "cats", .environment = "test"}};
    if (!certificate_id.empty()) { published.domain.certificates.emplace_back(certificate_id); }
    return published;
}

class CompileDomains : public testing::Test {
protected:
    std::shared_ptr<const async::TlsIdentity> identity(const gateway::DomainTable& table,
                                                       const std::string& name) {
        return table.find(name + ".example.com")->identity;
    }

    DomainCompiler compiler{":8443"};
    CertificateTable certificates{{certificate("crt_1"), certificate("crt_2")}};
};

TEST_F(CompileDomains, PutsTheLongestPrefixFirst) {
    const auto table = compiler.compile({domain("a", "")}, certificates);
    const gateway::Domain& compiled = *table->find("a.example.com");
    EXPECT_EQ(compiled.mapping_of("/v1/x")->service, "cats");
    EXPECT_EQ(compiled.mapping_of("/x")->service, "pets");
    EXPECT_EQ(compiled.identity, nullptr);
    EXPECT_EQ(compiled.https_port, ":8443");
    EXPECT_FALSE(compiled.needs_own_handshake);
}

TEST_F(CompileDomains, SharesContextsBetweenDomainsAndTables) {
    std::vector<management::PublishedDomain> domains{domain("a", "crt_1"), domain("b", "crt_1"),
                                                     domain("c", "crt_2")};
    const auto before = compiler.compile(domains, certificates);
    EXPECT_NE(identity(*before, "a"), nullptr);
    EXPECT_EQ(identity(*before, "a"), identity(*before, "b"));
    EXPECT_NE(identity(*before, "a"), identity(*before, "c"));
    EXPECT_EQ(compiler.identity_count(), 2U);

    domains[1].domain.redirect_to_https = true;
    domains.push_back(domain("d", "crt_2"));
    const auto edited = compiler.compile(domains, certificates);
    for (const char* name : {"a", "b", "c"}) {
        EXPECT_EQ(identity(*edited, name), identity(*before, name)) << name;
    }
    EXPECT_EQ(identity(*edited, "d"), identity(*before, "c"));

    const auto replaced = compiler.compile(domains, certificates.with(certificate("crt_2", 2)));
    EXPECT_EQ(identity(*replaced, "a"), identity(*before, "a"));
    EXPECT_NE(identity(*replaced, "c"), identity(*before, "c"));
    EXPECT_EQ(replaced->find("c.example.com")->tls_rules, before->find("c.example.com")->tls_rules)
        << "a renewed certificate leaves connections and sessions what they are";

    compiler.compile({domain("a", "crt_1")}, certificates);
    EXPECT_EQ(compiler.identity_count(), 1U) << "what nobody uses any more is not kept";
}

TEST_F(CompileDomains, GivesEachDomainAndEachRuleItsOwnSessions) {
    const CertificateTable::Entry one = certificate("crt_1");
    const CertificateTable::Entry other = certificate("crt_2");
    const auto rules = [&](management::PublishedDomain published,
                           std::vector<std::string> authorities) {
        const auto table = compiler.compile(
            {published}, CertificateTable({certificate("crt_1", 1, std::move(authorities))}));
        const gateway::Domain& compiled = *table->find(published.domain.name);
        EXPECT_EQ(compiled.tls_rules.size(), 32U);
        EXPECT_EQ(compiled.needs_own_handshake,
                  published.domain.client_certificates ||
                      published.domain.min_tls_version == model::TlsVersion::Tls13);
        EXPECT_EQ(compiled.needs_https, published.domain.client_certificates);
        return compiled.tls_rules;
    };
    const std::vector<std::string> first = {one->material.chain.front()};
    const std::vector<std::string> second = {other->material.chain.front()};
    management::PublishedDomain plain = domain("a", "crt_1");
    management::PublishedDomain guarded = plain;
    guarded.domain.client_certificates = true;
    management::PublishedDomain newer = plain;
    newer.domain.min_tls_version = model::TlsVersion::Tls13;
    EXPECT_EQ(rules(plain, {}), rules(plain, first)) << "authorities that nobody asks";
    EXPECT_NE(rules(plain, {}), rules(domain("b", "crt_1"), {}));
    EXPECT_NE(rules(plain, {}), rules(newer, {}));
    EXPECT_NE(rules(plain, {}), rules(guarded, first));
    EXPECT_NE(rules(guarded, first), rules(guarded, second));
    EXPECT_EQ(rules(guarded, first), rules(guarded, first));
}

TEST_F(CompileDomains, ServesNobodyWhenACertificateThatGuardsIsGone) {
    management::PublishedDomain guarded = domain("a", "crt_9");
    guarded.domain.client_certificates = true;
    const auto table = compiler.compile({guarded}, certificates);
    const gateway::Domain& compiled = *table->find("a.example.com");
    EXPECT_EQ(compiled.identity, nullptr);
    EXPECT_TRUE(compiled.needs_own_handshake && compiled.needs_https);
}

TEST(CertificateTable, FindsByNameAndById) {
    const CertificateTable none;
    EXPECT_EQ(none.find("crt_1"), nullptr);
    const CertificateTable one = none.with(certificate("crt_1"));
    ASSERT_NE(one.find("crt_1"), nullptr);
    EXPECT_EQ(one.find("crt_1"), one.find("gw_1", "name of crt_1"));
    EXPECT_EQ(one.find("crt_1"), one.find("gw_1", "crt_1"));
    EXPECT_EQ(one.with(certificate("crt_1", 2)).find("gw_1", "name of crt_1")->version, 2);
    EXPECT_EQ(one.without("crt_1").find("gw_1", "name of crt_1"), nullptr);
    EXPECT_NE(one.without("crt_2").find("crt_1"), nullptr);
}

TEST(CertificateTable, ShowsAGatewayItsOwnOnly) {
    const CertificateTable all = CertificateTable().with(certificate("crt_1"));
    for (const char* known : {"crt_1", "name of crt_1"}) {
        EXPECT_EQ(all.find("gw_2", known), nullptr);
        EXPECT_EQ(GatewayCertificates(all, model::GatewayId("gw_2")).find(known), nullptr);
        EXPECT_NE(GatewayCertificates(all, model::GatewayId("gw_1")).find(known), nullptr);
    }
}

}  // namespace
}  // namespace lintel::compiler
