// What an authenticator costs a request. The exchange is made outside the clock.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "auth/call_test.h"
#include "base/text.h"
#include "crypto/hmac.h"

namespace lintel::auth {
namespace {

constexpr std::string_view kKey = "2e4d0bbad47e3b5e3a0c";
constexpr std::string_view kDate = "Fri, 20 Nov 2026 08:30:00 GMT";

Request signed_request(std::string path, std::string query) {
    const crypto::HmacKey key(crypto::HmacAlgorithm::Sha256, Secret("815ba6d666d58ef1e79b"));
    const std::string text = fmt::format("GET\n{}\n{}\n{}\n{}\n", path, query, kKey, kDate);
    return {.target = query.empty() ? path : path + "?" + query,
            .headers = {{"Host", "localhost"},
                        {"User-Agent", "bench"},
                        {"Accept", "*/*"},
                        {"X-HMAC-SIGNATURE", to_base64(key.sign(text).view())},
                        {"X-HMAC-ALGORITHM", "hmac-sha256"},
                        {"X-HMAC-ACCESS-KEY", std::string(kKey)},
                        {"Date", std::string(kDate)}}};
}

/// Times authenticate() alone; every request must be accepted, or refused, as expected.
void measure(benchmark::State& state, std::string_view kind, const Request& request,
             std::string_view expected) {
    Callee callee;
    const auto authenticator = callee.build(kind);
    for (auto _ : state) {
        state.PauseTiming();
        Call call(callee, request);
        state.ResumeTiming();
        const std::string_view code = call.authenticate(*authenticator);
        state.PauseTiming();
        if (code != expected) { state.SkipWithError("not the expected outcome"); }
        state.ResumeTiming();
    }
}

void hmac_plain(benchmark::State& state) {
    measure(state, "hmac", signed_request("/release/pets/pets", ""), "ok");
}
BENCHMARK(hmac_plain);

void hmac_unsorted_query(benchmark::State& state) {
    measure(state, "hmac", signed_request("/release/pets/pets", "name=james&age=36"), "ok");
}
BENCHMARK(hmac_unsorted_query);

void hmac_every_spelling(benchmark::State& state) {
    measure(state, "hmac", signed_request("/a%20b%3B", "name=%E5%BC%A0&z=a%2Cb+c"), "ok");
}
BENCHMARK(hmac_every_spelling);

void hmac_unknown_key(benchmark::State& state) {
    Request request = signed_request("/release/pets/pets", "");
    request.headers[5].second = "00000000000000000000";
    measure(state, "hmac", request, "auth.invalid");
}
BENCHMARK(hmac_unknown_key);

void hmac_wrong_secret(benchmark::State& state) {
    Request request = signed_request("/release/pets/pets", "");
    request.headers[3].second = "WysN/HIpkEaybxvpC3C04Lj1Au/GFBJyjMBvjZFQbpU=";
    measure(state, "hmac", request, "auth.invalid");
}
BENCHMARK(hmac_wrong_secret);

void basic(benchmark::State& state) {
    measure(
        state, "basic",
        {.headers = {{"Authorization", "Basic " + to_base64("b0000000000000000001:basic secret")}}},
        "ok");
}
BENCHMARK(basic);

void oauth2(benchmark::State& state) {
    Callee callee;
    const auto authenticator = callee.build("oauth2");
    const Request request{
        .headers = {{"Authorization", "Bearer " + callee.tokens.issue({"crd_1", 1, "svc_1", "test",
                                                                       kVectorTime + 1000})}}};
    for (auto _ : state) {
        state.PauseTiming();
        Call call(callee, request);
        state.ResumeTiming();
        if (call.authenticate(*authenticator) != "ok") { state.SkipWithError("refused"); }
    }
}
BENCHMARK(oauth2);

/// One signature: the floor of everything above.
void one_signature(benchmark::State& state) {
    const crypto::HmacKey key(crypto::HmacAlgorithm::Sha256, Secret("815ba6d666d58ef1e79b"));
    const std::string text(120, 'x');
    for (auto _ : state) {
        benchmark::DoNotOptimize(key.sign(text));
    }
}
BENCHMARK(one_signature);

}  // namespace
}  // namespace lintel::auth
