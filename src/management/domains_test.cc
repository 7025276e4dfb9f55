#include "management/domains.h"

#include <algorithm>
#include <array>

#include "crypto/self_signed.h"
#include "management/certificates.h"
#include "management/places.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class Domains : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        create_pets();
        create_pets("cats");
    }

    CertificateUpload upload(const std::string& host, bool with_authorities = false) const {
        const std::array<std::string, 1> names{host};
        const auto made = crypto::make_self_signed(names, clock_.now_ms()).value();
        return {.certificate = made.certificate_pem,
                .key = made.key_pem,
                .authorities = with_authorities ? std::string(kAuthority) : ""};
    }

    model::Certificate certificate(const std::string& name, const std::string& host) {
        const auto made = create_certificate(*m_, caller_, {.name = name, .upload = upload(host)});
        EXPECT_TRUE(made) << made.error().message;
        return made->value;
    }

    static DomainEdit to_pets() {
        return {.mappings = {{{.prefix = "/", .service = "pets", .environment = "release"}}}};
    }

    /// An authority that signs nothing here; made for the test, valid for a hundred years.
    static const std::string_view kAuthority;
};

const std::string_view Domains::kAuthority = R"(-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUIeKNXd3SAf2EU4HM9KqU3G4uZ9AwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI0MTM0MDQ1WhgPMjEy
NjEwMzExMzQwNDVaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEU2kJMf0xrkMpaBh5pQbb3MHCCYrnSLGzo2FzVfcA
BRACit+fjFQlI21YSQl8CYWZjNx5Ndb2Uo3GcwOzqj0lGaNTMFEwHQYDVR0OBBYE
FNYn31Ch2hwwD5/OAinIXsekUgW8MB8GA1UdIwQYMBaAFNYn31Ch2hwwD5/OAinI
XsekUgW8MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAPlitskw
Feo+oiTgaPFanrR863Y8iQHT3PryjH2cjAZxAiBf2kg3hmac/ldWINfwcSgHZKNZ
dvTmMSC1przO25AdmQ==
-----END CERTIFICATE-----
)";

TEST_F(Domains, AreMadeShownChangedAndDeleted) {
    certificate("main", "api.example.com");
    DomainEdit settings = to_pets();
    settings.mappings->push_back({.prefix = "/cats", .service = "cats", .environment = "test"});
    settings.certificates = {"main"};
    settings.redirect_to_https = true;
    const auto made = create_domain(*m_, caller_, "API.example.com.", settings);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(publisher_.changes.back().kind, Change::Kind::Domains);
    const auto shown = show_domain(*m_, caller_, "Api.Example.com");
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->domain.name, "api.example.com");
    EXPECT_EQ(to_json(*shown), to_json(made->value));
    EXPECT_EQ(shown->certificates, std::vector<std::string>{"main"});
    ASSERT_EQ(shown->mappings.size(), 2U);
    EXPECT_EQ(shown->mappings[1].service, "cats");
    EXPECT_EQ(shown->mappings[1].environment, "test");
    EXPECT_TRUE(shown->domain.redirect_to_https);

    const auto edited =
        edit_domain(*m_, caller_, shown->domain.id.str(),
                    {.mappings = to_pets().mappings, .min_tls_version = model::TlsVersion::Tls13},
                    shown->domain.version);
    ASSERT_TRUE(edited) << edited.error().message;
    EXPECT_EQ(edited->value.mappings.size(), 1U);
    EXPECT_TRUE(edited->value.domain.redirect_to_https);
    EXPECT_EQ(edited->value.certificates.size(), 1U);
    EXPECT_EQ(edit_domain(*m_, caller_, "api.example.com", {}, shown->domain.version).error().code,
              Code::PreconditionFailed);

    ASSERT_TRUE(delete_domain(*m_, caller_, "api.example.com", {}));
    EXPECT_EQ(show_domain(*m_, caller_, "api.example.com").error().code, Code::NotFound);
    for (const char* action : {"domain.create", "domain.edit", "domain.delete"}) {
        EXPECT_EQ(audited(action), 1U) << action;
    }
}

TEST_F(Domains, AreRefusedWithEverythingThatIsWrong) {
    DomainEdit bad;
    bad.mappings = {{.prefix = "v1", .service = "dogs", .environment = "mars"},
                    {.prefix = "/a", .service = "pets", .environment = "release"},
                    {.prefix = "/a", .service = "cats", .environment = "release"}};
    bad.certificates = {"none"};
    const auto refused = create_domain(*m_, caller_, "api.example.com", bad);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has_fault(refused.error(), "/mappings/0/prefix", "domain.prefix"));
    EXPECT_TRUE(has_fault(refused.error(), "/mappings/0/service", "service.unknown"));
    EXPECT_TRUE(has_fault(refused.error(), "/mappings/0/environment", "environment.unknown"));
    EXPECT_TRUE(has_fault(refused.error(), "/mappings/2/prefix", "domain.prefix"));
    EXPECT_TRUE(has_fault(refused.error(), "/certificates/0", "certificate.unknown"));
    EXPECT_TRUE(has_fault(create_domain(*m_, caller_, "not a name", to_pets()).error(), "/name",
                          "domain.name"));
    ASSERT_TRUE(create_domain(*m_, caller_, "api.example.com", to_pets()));
    EXPECT_EQ(create_domain(*m_, caller_, "API.example.com", to_pets()).error().code,
              Code::NameTaken);
}

TEST_F(Domains, ShowOnlyCertificatesThatSuitThem) {
    certificate("main", "api.example.com");
    certificate("second", "api.example.com");
    certificate("below", "*.example.com");
    DomainEdit settings = to_pets();
    settings.certificates = {"main"};
    EXPECT_TRUE(has_fault(create_domain(*m_, caller_, "www.example.com", settings).error(),
                          "/certificates/0", "certificate.name_mismatch"));
    settings.certificates = {"main", "second"};
    EXPECT_TRUE(has_fault(create_domain(*m_, caller_, "api.example.com", settings).error(),
                          "/certificates/1", "domain.same_algorithm"));
    settings.certificates = {"below"};
    EXPECT_TRUE(create_domain(*m_, caller_, "www.example.com", settings));
    EXPECT_TRUE(create_domain(*m_, caller_, "*.example.com", settings));
    settings.certificates = {};
    settings.redirect_to_https = true;
    settings.client_certificates = true;
    settings.min_tls_version = model::TlsVersion::Tls13;
    const auto refused = create_domain(*m_, caller_, "a.example.com", settings);
    for (const char* field : {"/redirect_to_https", "/min_tls_version"}) {
        EXPECT_TRUE(has_fault(refused.error(), field, "domain.no_certificate")) << field;
    }
    EXPECT_TRUE(has_fault(refused.error(), "/client_certificates", "domain.no_authorities"));
}

TEST_F(Domains, KeepACertificateThatSuitsThem) {
    const auto made = create_certificate(
        *m_, caller_, {.name = "main", .upload = upload("api.example.com", true)});
    ASSERT_TRUE(made) << made.error().message;
    DomainEdit settings = to_pets();
    settings.certificates = {"main"};
    settings.client_certificates = true;
    ASSERT_TRUE(create_domain(*m_, caller_, "api.example.com", settings));

    EXPECT_TRUE(has_fault(
        replace_certificate(*m_, caller_, "main", upload("b.example.com", true), {}).error(),
        "/certificate", "certificate.name_mismatch"));
    EXPECT_TRUE(
        has_fault(replace_certificate(*m_, caller_, "main", upload("api.example.com"), {}).error(),
                  "/authorities", "domain.no_authorities"));
    const auto refused = delete_certificate(*m_, caller_, "main", {});
    EXPECT_EQ(refused.error().code, Code::StateConflict);
    EXPECT_NE(refused.error().message.find("api.example.com"), std::string::npos);

    const auto replaced =
        replace_certificate(*m_, caller_, "main", upload("api.example.com", true), {});
    ASSERT_TRUE(replaced) << replaced.error().message;
    EXPECT_NE(replaced->value.facts.fingerprint, made->value.facts.fingerprint);
    EXPECT_EQ(publisher_.changes.back().kind, Change::Kind::Certificate);
    EXPECT_EQ(publisher_.changes.back().certificate_id, made->value.id);
    ASSERT_TRUE(delete_domain(*m_, caller_, "api.example.com", {}));
    EXPECT_TRUE(delete_certificate(*m_, caller_, "main", {}));
    EXPECT_EQ(show_certificate(*m_, caller_, "main").error().code, Code::NotFound);
    EXPECT_EQ(audited("certificate.replace"), 1U);
}

TEST_F(Domains, HoldWhatTheyLeadTo) {
    ASSERT_TRUE(create_environment(*m_, caller_, "stage", "Stage"));
    DomainEdit settings = to_pets();
    settings.mappings->front().environment = "stage";
    ASSERT_TRUE(create_domain(*m_, caller_, "api.example.com", settings));
    for (const Code code : {delete_service(*m_, caller_, "pets", {}).error().code,
                            delete_environment(*m_, caller_, "stage", {}).error().code}) {
        EXPECT_EQ(code, Code::StateConflict);
    }
    ASSERT_TRUE(delete_domain(*m_, caller_, "api.example.com", {}));
    EXPECT_TRUE(delete_service(*m_, caller_, "pets", {}));
    EXPECT_TRUE(delete_environment(*m_, caller_, "stage", {}));
}

TEST_F(Domains, AndCertificatesNeedTheirPermissions) {
    const Caller reader = with_permissions({"domain:read", "certificate:read"});
    EXPECT_TRUE(list_domains(*m_, reader, {}));
    EXPECT_TRUE(list_certificates(*m_, reader, {}));
    EXPECT_EQ(create_domain(*m_, reader, "a.example.com", to_pets()).error().code,
              Code::PermissionDenied);
    EXPECT_EQ(create_certificate(*m_, reader, {.name = "x", .upload = {}}).error().code,
              Code::PermissionDenied);
    const Caller nobody = with_permissions({"service:read"});
    EXPECT_EQ(list_domains(*m_, nobody, {}).error().code, Code::PermissionDenied);
    EXPECT_EQ(show_certificate(*m_, nobody, "x").error().code, Code::PermissionDenied);
}

TEST_F(Domains, CertificatesHaveANameOfTheirOwnAndNoVisibleKey) {
    const model::Certificate made = certificate("main", "api.example.com");
    EXPECT_EQ(create_certificate(*m_, caller_, {.name = "main", .upload = upload("b.example.com")})
                  .error()
                  .code,
              Code::NameTaken);
    EXPECT_TRUE(has_fault(
        create_certificate(*m_, caller_, {.name = " ", .upload = upload("b.example.com")}).error(),
        "/name", "field.length"));
    const auto shown = show_certificate(*m_, caller_, made.id.str());
    ASSERT_TRUE(shown);
    EXPECT_TRUE(shown->key_pem.empty());
    EXPECT_EQ(data::dump(model::to_json(made)).find("PRIVATE"), std::string::npos);
    auto tx = store_->read().value();
    EXPECT_EQ(tx.certificates().get(made.id, store::Secrets::Unsealed)->key_pem.reveal(),
              made.key_pem.reveal());
}

}  // namespace
}  // namespace lintel::management
