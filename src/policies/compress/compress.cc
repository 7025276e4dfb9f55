// Compresses answers on their way out for callers that accept it.
#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/text.h"
#include "embedded/compress_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"
#include "policies/compress/encoder.h"

namespace lintel::policies {

gateway::PolicyKind compress();

namespace {

using data::Json;
using gateway::Exchange;
using gateway::Verdict;
using http::HeaderId;

constexpr std::array<std::string_view, 8> kTextTypes = {
    "text/*",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/javascript",
    "application/x-javascript",
    "application/rss+xml",
    "image/svg+xml",
};
constexpr std::string_view kEvents = "text/event-stream";

/// The answer's own body, compressed as it passes. Owns what it reads from.
class CompressedBody final : public http::BodyReader {
public:
    CompressedBody(std::unique_ptr<http::BodyReader> source, std::unique_ptr<Encoder> encoder)
        : source_(std::move(source)), encoder_(std::move(encoder)) {}

    Task<Result<std::span<const char>>> read() override {
        out_.clear();
        while (!ended_) {
            if (reading_.empty()) {
                reading_ = source_->read();
                reading_.start();
            }
            if (!reading_.done() && std::exchange(kept_back_, false)) {
                // The source pauses: what it gave so far must not wait with us.
                encoder_->encode({}, Encoder::Until::Now, out_);
                if (!out_.empty()) { break; }
            }
            Result<std::span<const char>> piece = co_await reading_;
            reading_.reset();
            if (!piece) { co_return std::unexpected(std::move(piece).error()); }
            ended_ = piece->empty();
            kept_back_ = !ended_;
            encoder_->encode(*piece, ended_ ? Encoder::Until::End : Encoder::Until::Enough, out_);
            if (!out_.empty()) { break; }
        }
        co_return std::span<const char>(out_);
    }

private:
    std::unique_ptr<http::BodyReader> source_;
    std::unique_ptr<Encoder> encoder_;
    std::string out_;
    bool ended_ = false;
    bool kept_back_ = false;
    Task<Result<std::span<const char>>> reading_;  ///< last: it refers to the source
};

/// The weight (0 to 1000) a caller gives a coding: RFC 9110 section 12.5.3.
int weight_of(std::string_view accepted, std::string_view coding) {
    int others = 0;  // of "*"
    while (!accepted.empty()) {
        const std::size_t comma = accepted.find(',');
        const std::string_view item = trim(accepted.substr(0, comma));
        accepted = comma == std::string_view::npos ? "" : accepted.substr(comma + 1);
        const std::size_t semicolon = item.find(';');
        const std::string_view name = trim(item.substr(0, semicolon));
        double q = 1;
        if (semicolon != std::string_view::npos) {
            const std::string_view parameter = trim(item.substr(semicolon + 1));
            if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) { continue; }
            const std::string_view number = parameter.substr(2);
            const auto read = std::from_chars(number.data(), number.data() + number.size(), q);
            if (read.ec != std::errc() || !(q >= 0 && q <= 1)) { continue; }  // "nan" is neither
        }
        const int weight = static_cast<int>(q * 1000);
        if (equals_ignoring_case(name, coding)) { return weight; }
        if (name == "*") { others = weight; }
    }
    return others;
}

class Compress final : public gateway::Policy {
public:
    struct Terms {
        std::vector<Coding> codings = {Coding::Brotli, Coding::Gzip};
        int level = 5;
        std::uint64_t min_bytes = 1024;
        std::vector<std::string> types{kTextTypes.begin(), kTextTypes.end()};
    };
    explicit Compress(Terms terms) : terms_(std::move(terms)) {}

    Verdict on_request(Exchange&) const override { return Verdict::nothing_to_do(); }

    void on_response(Exchange& exchange) const override {
        if (exchange.refusal != nullptr || !could_be_compressed(exchange)) { return; }
        http::Fields& fields = exchange.response.fields;
        fields.add("Vary", "Accept-Encoding");
        const std::optional<Coding> coding = accepted_coding(exchange.request_fields());
        if (!coding || exchange.inbound.head.method == "HEAD") { return; }
        weaken_etag(exchange);
        fields.remove_if([](const http::Field& field) {
            return equals_ignoring_case(field.name, "Accept-Ranges");
        });
        fields.add({.name = "Content-Encoding",
                    .value = *coding == Coding::Brotli ? "br" : "gzip",
                    .id = HeaderId::ContentEncoding});
        wrap(exchange.response, *coding);
    }

private:
    bool could_be_compressed(const Exchange& exchange) const {
        const gateway::Response& response = exchange.response;
        const bool whole = response.stream == nullptr;
        const bool has_body =
            whole ? !response.body.empty() : response.framing.kind != http::Framing::Kind::None;
        if (response.status < 200 || response.status > 299 || response.status == 206 || !has_body) {
            return false;
        }
        const bool counted = response.framing.kind == http::Framing::Kind::Length;
        const std::uint64_t size = whole ? response.body.size() : response.framing.length;
        if ((whole || counted) && size < terms_.min_bytes) { return false; }
        const http::Field* const cache = response.fields.find(HeaderId::CacheControl);
        if (cache != nullptr && cache->value.find("no-transform") != std::string_view::npos) {
            return false;
        }
        return response.fields.find(HeaderId::ContentEncoding) == nullptr &&
               is_listed(response.fields.find(HeaderId::ContentType));
    }

    bool is_listed(const http::Field* type) const {
        if (type == nullptr) { return false; }
        const std::string_view plain = trim(type->value.substr(0, type->value.find(';')));
        if (equals_ignoring_case(plain, kEvents)) { return false; }
        return std::ranges::any_of(terms_.types, [plain](std::string_view listed) {
            if (!listed.ends_with("/*")) { return equals_ignoring_case(plain, listed); }
            const std::string_view family = listed.substr(0, listed.size() - 1);
            return equals_ignoring_case(plain.substr(0, family.size()), family);
        });
    }

    std::optional<Coding> accepted_coding(const http::Fields& asked) const {
        const http::Field* const accepted = asked.find(HeaderId::AcceptEncoding);
        if (accepted == nullptr) { return std::nullopt; }
        std::optional<Coding> best;
        int best_weight = 0;
        for (const Coding coding : terms_.codings) {
            const int weight = weight_of(accepted->value, coding == Coding::Brotli ? "br" : "gzip");
            if (weight > best_weight) {
                best = coding;
                best_weight = weight;
            }
        }
        return best;
    }

    /// RFC 9110 section 8.8.1: the bytes are not the same any more.
    static void weaken_etag(Exchange& exchange) {
        for (http::Field& field : exchange.response.fields) {
            if (equals_ignoring_case(field.name, "ETag") && field.value.starts_with('"')) {
                field.value = exchange.arena().concat({"W/", field.value});
                field.line_intact = false;
            }
        }
    }

    void wrap(gateway::Response& response, Coding coding) const {
        if (response.stream == nullptr) {
            response.stream = std::make_unique<http::WholeBody>(std::span(response.body));
            response.body = {};
        }
        response.stream = std::make_unique<CompressedBody>(std::move(response.stream),
                                                           make_encoder(coding, terms_.level));
        response.framing = http::Framing::chunked();
    }

    Terms terms_;
};

Result<std::unique_ptr<const gateway::Policy>> build(const Json& config,
                                                     const gateway::BuildContext&) {
    Compress::Terms terms;
    if (const Json* const algorithms = data::find(config, "algorithms")) {
        terms.codings.clear();
        for (const Json& name : *algorithms) {
            terms.codings.push_back(name == "br" ? Coding::Brotli : Coding::Gzip);
        }
    }
    if (const Json* const level = data::find(config, "level")) { terms.level = level->get<int>(); }
    if (const Json* const bytes = data::find(config, "min_bytes")) {
        terms.min_bytes = bytes->get<std::uint64_t>();
    }
    if (const Json* const types = data::find(config, "types")) {
        terms.types = types->get<std::vector<std::string>>();
    }
    return std::make_unique<const Compress>(std::move(terms));
}

}  // namespace

gateway::PolicyKind compress() {
    return {.name = "compress",
            .phase = gateway::Phase::TransformResponse,
            .schema = embedded::compress_schema_json,
            .build = build};
}

}  // namespace lintel::policies
