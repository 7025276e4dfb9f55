// Every way to get a credential wrong, for every kind of authentication, as bytes on a connection:
// nothing is accepted, nothing breaks the gateway, nothing secret is logged.
#include <gtest/gtest.h>

#include <functional>

#include "auth/hmac/signing_test.h"
#include "auth/wire_test.h"

namespace lintel::auth {
namespace {

/// How one kind presents a credential: the headers, and the target.
struct Presentation {
    std::string kind;
    /// `index` chooses one of the credentials of matrix_credentials().
    std::function<Request(Wire&, int index)> good;
    /// A request whose credential is this text, wherever the kind carries it.
    std::function<Request(const std::string& text)> raw;
    std::string wrong_scheme;
};

/// 0: good. 1: disabled. 2: of the other service. 3: unknown to the gateway.
std::shared_ptr<gateway::Credential> matrix_credential(int index) {
    auto credential = make_credential();
    const std::string suffix = std::to_string(index);
    credential->id = "crd_" + suffix;
    credential->basic = {"basic" + suffix, Secret("SECRETbasic" + suffix)};
    credential->oauth2 = {"oauth" + suffix, Secret("SECREToauth" + suffix)};
    credential->hmac = {"hmac" + suffix, Secret("SECREThmac" + suffix)};
    credential->allow(crypto::HmacAlgorithm::Sha256);
    credential->enabled = index != 1;
    if (index == 2) { credential->grants = {{"svc_2", "", ""}}; }
    return credential;
}

Request hmac_request(int index) {
    const auto credential = matrix_credential(index);
    Request request = signed_request("GET", "/pets");
    request = with(request, "X-HMAC-ACCESS-KEY", credential->hmac.key);
    return with(request, "X-HMAC-SIGNATURE",
                mac("GET\n/pets\n\n" + credential->hmac.key + "\n" + std::string(kDate) + "\n",
                    crypto::HmacAlgorithm::Sha256, credential->hmac.secret.reveal()));
}

Request with_authorization(const std::string& value) {
    return {.target = "/pets", .headers = {{"Authorization", value}}};
}

/// A token as the gateway would have issued it, whatever the state of the credential.
std::string token_for(Wire& wire, int index) {
    const auto credential = matrix_credential(index);
    return wire.callee.tokens.issue({credential->id, credential->generation,
                                     index == 2 ? "svc_2" : "svc_1", "test",
                                     kVectorTime + 1'000'000});
}

std::vector<Presentation> presentations() {
    return {
        {"basic",
         [](Wire&, int index) {
             const auto credential = matrix_credential(index);
             return with_authorization("Basic " +
                                       to_base64(credential->basic.key + ":" +
                                                 std::string(credential->basic.secret.reveal())));
         },
         [](const std::string& text) { return with_authorization("Basic " + text); }, "Bearer abc"},
        {"oauth2",
         [](Wire& wire, int index) {
             return with_authorization("Bearer " + token_for(wire, index));
         },
         [](const std::string& text) { return with_authorization("Bearer " + text); },
         "Basic YTpi"},
        {"hmac", [](Wire&, int index) { return hmac_request(index); },
         [](const std::string& text) { return with(hmac_request(0), "X-HMAC-SIGNATURE", text); },
         "Basic YTpi"},
        {"hmac",
         [](Wire&, int index) {
             const Request request = hmac_request(index);
             return with_authorization("hmac-auth-v1#" + request.headers[2].second + "#" +
                                       request.headers[0].second + "#hmac-sha256#" +
                                       std::string(kDate) + "#");
         },
         [](const std::string& text) { return with_authorization("hmac-auth-v1#" + text); },
         "hmac-auth-v2#a#b#c#d#"},
    };
}

Request twice(Request request) {
    request.headers.push_back(request.headers.front());
    return request;
}

TEST(AuthMatrix, NothingWrongIsAccepted) {
    for (const Presentation& presentation : presentations()) {
        Wire wire(presentation.kind,
                  {matrix_credential(0), matrix_credential(1), matrix_credential(2)});
        ASSERT_EQ(wire.send(presentation.good(wire, 0)).status, 200) << presentation.kind;
        const std::vector<std::tuple<std::string, Request, std::vector<int>>> cases{
            {"missing", {.target = "/pets"}, {401}},
            {"empty", presentation.raw(""), {401}},
            {"wrong", presentation.raw("d3Jvbmc6d3Jvbmc="), {401}},
            {"disabled", presentation.good(wire, 1), {401}},
            {"of the other service", presentation.good(wire, 2), {403}},
            {"unknown", presentation.good(wire, 3), {401}},
            {"duplicated", twice(presentation.good(wire, 0)), {400}},
            {"wrong scheme", with_authorization(presentation.wrong_scheme), {401}},
            {"1 MB", presentation.raw(std::string(1 << 20, 'A')), {431, 400}},
            {"long", presentation.raw(std::string(4000, 'A')), {401, 431}},
            {"unicode", presentation.raw("\u5f20\u4e09:\u5f20"), {401, 400}},
            {"unicode in base64", presentation.raw(to_base64("\u5f20\u4e09:\u5f20")), {401}},
            {"NUL", presentation.raw(std::string("a\0b", 3)), {400}},
            {"NUL in base64", presentation.raw(to_base64(std::string("a\0:b", 4))), {401}},
            {"folded", presentation.raw("YTpi\r\n YTpi"), {400}},
        };
        for (const auto& [name, request, statuses] : cases) {
            const WireAnswer answer = wire.send(request);
            EXPECT_NE(std::ranges::find(statuses, answer.status), statuses.end())
                << presentation.kind << ", " << name << ": " << answer.status << "\n"
                << answer.body;
            // A bearer token without the right is told so by a challenge too (RFC 6750
            // section 3.1).
            const bool challenged =
                answer.status == 401 || (answer.status == 403 && presentation.kind == "oauth2");
            EXPECT_EQ(challenged, answer.head.find("\r\nWWW-Authenticate: ") != std::string::npos)
                << presentation.kind << ", " << name;
        }
        EXPECT_EQ(wire.send(presentation.good(wire, 2), "other-test.localhost").status, 200)
            << "good where it belongs";
        EXPECT_EQ(wire.log().find("SECRET"), std::string::npos);
    }
}

TEST(R59_NoAuth, ACallWithoutOrWithAnyCredentialSucceeds) {
    Wire wire("none", {});
    EXPECT_EQ(wire.send({.target = "/pets"}).status, 200);
    const WireAnswer answer = wire.send(with_authorization("Basic d3Jvbmc6d3Jvbmc="));
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("Authorization: Basic d3Jvbmc6d3Jvbmc="), std::string::npos)
        << "it is the backend's then";
}

TEST(R95_BasicAuth, TheBackendSeesTheCallButNotTheSecret) {
    Wire wire("basic", {matrix_credential(0)});
    const WireAnswer answer = wire.send(presentations()[0].good(wire, 0));
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("caller crd_0 by basic"), std::string::npos);
    EXPECT_EQ(answer.body.find("Authorization"), std::string::npos) << answer.body;
}

TEST(R96_TokenUrl, GetWithTheKeyPairReturnsATokenThatWorks) {
    Wire wire("oauth2", {matrix_credential(0), matrix_credential(2)});
    const WireAnswer asked =
        wire.send({.target = "/-/oauth2/token?client_id=oauth0&client_secret=SECREToauth0"});
    ASSERT_EQ(asked.status, 200) << asked.body;
    EXPECT_NE(asked.head.find("\r\nCache-Control: no-store\r\n"), std::string::npos);
    const data::Json body = data::Json::parse(asked.body);
    EXPECT_EQ(body["expires_in"], 7200);
    const std::string token = body["access_token"];

    EXPECT_EQ(wire.send(with_authorization("Bearer " + token)).status, 200);
    const WireAnswer by_query = wire.send({.target = "/pets?a=1&access_token=" + token + "&b=2"});
    EXPECT_EQ(by_query.status, 200);
    EXPECT_TRUE(by_query.body.starts_with("GET /pets?a=1&b=2\n")) << by_query.body;
    EXPECT_EQ(wire.send(with_authorization("Bearer " + token), "other-test.localhost").status, 403);

    // By the address with environment and service code, too.
    EXPECT_EQ(
        wire.send({.target = "/test/demo/-/oauth2/token?ak=oauth0&sk=SECREToauth0"}, "127.0.0.1")
            .status,
        200);
    EXPECT_EQ(wire.send({.target = "/-/oauth2/token?ak=oauth2&sk=SECREToauth2"}).status, 401);
    EXPECT_EQ(wire.send({.target = "/-/oauth2/other"}).status, 404);

    const std::string log = wire.log();
    EXPECT_NE(log.find("/-/oauth2/token"), std::string::npos);
    EXPECT_EQ(log.find("SECRET"), std::string::npos) << log;
    EXPECT_EQ(log.find(token), std::string::npos);
}

TEST(R97_OAuth2, ATokenDiesAtOnceWithItsCredential) {
    Wire wire("oauth2", {matrix_credential(0)});
    const Request call = with_authorization("Bearer " + token_for(wire, 0));
    ASSERT_EQ(wire.send(call).status, 200);
    auto reset = matrix_credential(0);
    ++reset->generation;
    auto disabled = matrix_credential(0);
    disabled->enabled = false;
    for (const auto& changed : {reset, disabled, matrix_credential(3)}) {
        wire.use({changed});
        const WireAnswer answer = wire.send(call);
        EXPECT_EQ(answer.status, 401);
        EXPECT_NE(answer.head.find("error=\"invalid_token\""), std::string::npos);
    }
    wire.use({matrix_credential(0)});
    EXPECT_EQ(wire.send(call).status, 200) << "the same generation is the same credential";
    wire.callee.clock.set(kVectorTime + 1'000'000);
    EXPECT_EQ(wire.send(call).status, 401) << "expired";
}

TEST(R61_CallCredentials, AnyOfTheServiceOpensAnyOfItsApis) {
    auto second = matrix_credential(3);
    Wire wire("basic", {matrix_credential(0), second});
    for (const int index : {0, 3}) {
        for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}) {
            Request request = presentations()[0].good(wire, index);
            request.method = method;
            EXPECT_EQ(wire.send(request).status, 200) << method;
        }
    }
}

}  // namespace
}  // namespace lintel::auth
