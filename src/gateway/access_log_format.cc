#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/byte_set.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/access_log.h"

namespace lintel::gateway {
namespace {

/// Query parameters that carry secrets by convention, ours and those of the services behind us.
constexpr auto kSecretNames = std::to_array<std::string_view>({
    "access_token",
    "api_key",
    "apikey",
    "appcode",
    "auth",
    "authorization",
    "client_secret",
    "client_sectet",
    "code",
    "id_token",
    "key",
    "passwd",
    "password",
    "refresh_token",
    "secret",
    "sig",
    "sign",
    "signature",
    "sk",
    "token",
    "x-amz-signature",
    "x-api-key",
});
constexpr std::size_t kLongestName = 16;

/// "%61ccess_token" hides nothing: the name as a server reads it, lower case.
std::string decoded(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (const int byte = triplet_value(name.substr(i)); byte >= 0) {
            out.push_back(to_lower(static_cast<char>(byte)));
            i += 2;
        } else {
            out.push_back(to_lower(name[i]));
        }
    }
    return out;
}

bool is_secret(std::string_view name, std::string_view hidden_name) {
    if (!hidden_name.empty() && equals_ignoring_case(name, hidden_name)) { return true; }
    if (name.size() > kLongestName * 3) { return false; }
    const std::string plain = decoded(name);
    return std::ranges::find(kSecretNames, plain) != kSecretNames.end() ||
           (!hidden_name.empty() && equals_ignoring_case(plain, hidden_name));
}

constexpr ByteSet kPlain =
    ByteSet::of([](char c) { return c >= ' ' && c != 0x7F && c != '"' && c != '\\'; });

/// Nearly all texts are plain: they are copied as a block.
void append_string(std::string& out, std::string_view text) {
    if (!kPlain.contains_all(text)) {
        log::append_json_string(out, text);
        return;
    }
    out.push_back('"');
    out += text;
    out.push_back('"');
}

/// `key` is the comma, the quoted name and the colon.
void append_text(std::string& out, std::string_view key, std::string_view text) {
    if (text.empty()) { return; }
    out += key;
    append_string(out, text);
}

void append_number(std::string& out, std::string_view key, std::int64_t number) {
    const fmt::format_int digits(number);
    out += key;
    out.append(digits.data(), digits.size());
}
void append_number(std::string& out, std::string_view key, std::uint64_t number) {
    append_number(out, key, static_cast<std::int64_t>(number));
}

}  // namespace

std::string masked_query(std::string_view query, std::string_view hidden_name) {
    std::string out;
    out.reserve(query.size());
    for (std::string_view rest = query;;) {
        const auto end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        const bool secret =
            equals != std::string_view::npos && is_secret(pair.substr(0, equals), hidden_name);
        out += secret ? pair.substr(0, equals + 1) : pair;
        if (secret) { out += "***"; }
        if (end == std::string_view::npos) { return out; }
        out.push_back('&');
        rest.remove_prefix(end + 1);
    }
}

void AccessLogFormat::append(std::string& out, const AccessRecord& record) {
    using R = AccessRecord;
    const R::Numbers& n = record.numbers;
    const auto text = [&](R::Text which) { return record.texts[which]; };

    const TimeMs second = n.time - ((n.time % 1000) + 1000) % 1000;
    if (second != second_) {
        second_ = second;
        second_text_ = to_rfc3339(second).substr(0, 19);
    }
    const std::int64_t ms = n.time - second;
    out += R"({"time":")";
    out += second_text_;
    for (const char c : {'.', static_cast<char>('0' + ms / 100),
                         static_cast<char>('0' + ms / 10 % 10), static_cast<char>('0' + ms % 10)}) {
        out.push_back(c);
    }
    out += "Z\"";

    append_text(out, R"(,"request_id":)", text(R::RequestId));
    append_text(out, R"(,"correlation_id":)", text(R::CorrelationId));
    append_number(out, R"(,"revision":)", n.revision);
    append_text(out, R"(,"environment":)", text(R::Environment));
    append_text(out, R"(,"service":)", text(R::Service));
    if (n.release != 0) { append_number(out, R"(,"release":)", n.release); }
    append_text(out, R"(,"api":)", text(R::Api));
    append_text(out, R"(,"method":)", text(R::Method));
    append_text(out, R"(,"host":)", text(R::Host));
    append_text(out, R"(,"path":)", text(R::Path));
    if (const std::string_view query = text(R::Query); !query.empty()) {
        append_text(out, R"(,"query":)", masked_query(query, text(R::HiddenQueryName)));
    }
    append_number(out, R"(,"status":)", static_cast<std::int64_t>(n.status));
    if (n.refused) {
        append_text(out, R"(,"code":)", info(n.code).name);
        append_text(out, R"(,"phase":)", name_of(n.phase));
    }
    append_text(out, R"(,"reason":)", text(R::Reason));
    append_text(out, R"(,"client":)", n.client.to_string());
    append_text(out, R"(,"credential":)", text(R::CredentialId));
    append_text(out, R"(,"credential_name":)", text(R::CredentialName));
    append_text(out, R"(,"auth":)", text(R::AuthMethod));
    append_number(out, R"(,"bytes_in":)", n.bytes_in);
    append_number(out, R"(,"bytes_out":)", n.bytes_out);
    append_number(out, R"(,"total_us":)", n.total_us);
    if (n.backend_us != 0) { append_number(out, R"(,"backend_us":)", n.backend_us); }
    if (n.backend_status != 0) {
        append_number(out, R"(,"backend_status":)", static_cast<std::int64_t>(n.backend_status));
    }
    append_text(out, R"(,"backend_address":)", text(R::BackendAddress));
    append_text(out, R"(,"upstream":)", text(R::Upstream));
    append_text(out, R"(,"upstream_server":)", text(R::UpstreamServer));
    if (n.backend_tries > 1) {
        append_number(out, R"(,"backend_tries":)", static_cast<std::int64_t>(n.backend_tries));
    }
    out += "}\n";
}

}  // namespace lintel::gateway
