#include <gtest/gtest.h>

#include <array>
#include <string>

#include "async/tls.h"
#include "base/clock.h"
#include "crypto/self_signed.h"

namespace lintel::http {
namespace {

constexpr TimeMs kDay = 86'400'000;

crypto::CertificateAndKey made(TimeMs at) {
    const std::array<std::string, 2> names{"localhost", "127.0.0.1"};
    auto both = crypto::make_self_signed(names, at);
    EXPECT_TRUE(both.has_value());
    return *std::move(both);
}

/// What is said against a certificate and a key; empty: they can be used.
std::string refusal(std::string_view certificate, std::string_view key) {
    const auto context = async::TlsServer::build(certificate, key);
    if (context) { return ""; }
    EXPECT_EQ(context.error().code, Code::CertificateInvalid);
    EXPECT_EQ(context.error().faults.size(), 1U);
    return context.error().faults.front().pointer + ": " + context.error().faults.front().detail;
}

TEST(TlsCertificate, IsUsedWithItsKeyAndItsChain) {
    const TimeMs now = SystemClock().now_ms();
    const auto own = made(now);
    EXPECT_EQ(refusal(own.certificate_pem, own.key_pem.reveal()), "");
    const std::string chain = own.certificate_pem + made(now).certificate_pem;
    EXPECT_EQ(refusal(chain, own.key_pem.reveal()), "");
}

TEST(TlsCertificate, IsRefusedWithTheReason) {
    const TimeMs now = SystemClock().now_ms();
    const auto own = made(now);
    const std::string key(own.key_pem.reveal());
    EXPECT_EQ(refusal("", key), "/certificate: it holds no certificate in PEM");
    EXPECT_TRUE(refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key)
                    .starts_with("/certificate: certificate 1 in it is broken ("));
    EXPECT_TRUE(refusal(own.certificate_pem + own.certificate_pem.substr(0, 100), key)
                    .starts_with("/certificate: certificate 2 in it is broken ("));
    EXPECT_EQ(refusal(own.certificate_pem, made(now).key_pem.reveal()),
              "/key: the key does not belong to the certificate");
    EXPECT_EQ(refusal(own.certificate_pem, own.certificate_pem),
              "/key: the key is no private key in PEM, or it has a password");
    const auto old = made(now - 398 * kDay);
    EXPECT_EQ(refusal(old.certificate_pem, old.key_pem.reveal()), "/certificate: it has expired");
    const auto early = made(now + 2 * kDay);
    EXPECT_EQ(refusal(early.certificate_pem, early.key_pem.reveal()),
              "/certificate: it is not valid yet");
}

}  // namespace
}  // namespace lintel::http
