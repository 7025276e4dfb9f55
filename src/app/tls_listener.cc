#include "app/tls_listener.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/listeners.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/self_signed.h"

namespace lintel::app {
namespace {

namespace fs = std::filesystem;
using Server = std::shared_ptr<const async::TlsServer>;

constexpr std::uint16_t kUsualPort = 8443;
const std::array<std::string, 4> kOwnNames{"localhost", "*.localhost", "127.0.0.1", "::1"};

Result<std::string> text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) {
        return fail(Code::StartFailed,
                    fmt::format("{} cannot be read: {}", file.string(), std::strerror(errno)));
    }
    return std::move(text).str();
}

/// Writes a file that only the owner reads.
Status keep(const fs::path& file, std::string_view text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) ==
                                                static_cast<ssize_t>(text.size());
    const int error = errno;
    if (descriptor >= 0) { ::close(descriptor); }
    if (written) { return {}; }
    return fail(Code::StartFailed,
                fmt::format("{} cannot be written: {}", file.string(), std::strerror(error)));
}

Result<Server> context_of(const fs::path& certificate, const fs::path& key, TimeMs now) {
    ASSIGN_OR_RETURN(const std::string chain_pem, text_of(certificate));
    ASSIGN_OR_RETURN(const std::string key_pem, text_of(key));
    ASSIGN_OR_RETURN(const crypto::CertificateAndChain read,
                     crypto::read_certificate(chain_pem, key_pem));
    RETURN_IF_ERROR(crypto::check_certificate(read, now));
    return async::TlsServer::build({.chain = read.chain, .key = read.key.reveal()});
}

/// The one made before while it is good, else a new one.
Result<Server> own_context(const fs::path& data, const Clock& clock) {
    const fs::path certificate = data / "self-signed.crt";
    const fs::path key = data / "self-signed.key";
    Result<Server> context = context_of(certificate, key, clock.now_ms());
    if (!context) {
        ASSIGN_OR_RETURN(const crypto::CertificateAndKey made,
                         crypto::make_self_signed(kOwnNames, clock.now_ms()));
        RETURN_IF_ERROR(keep(key, made.key_pem.reveal()));
        RETURN_IF_ERROR(keep(certificate, made.certificate_pem));
        context = context_of(certificate, key, clock.now_ms());
    }
    log::warn(
        "TLS uses a self-signed certificate for names that no domain has; set tls.certificate "
        "and tls.key for a real one",
        {{"certificate", certificate.string()}});
    return context;
}

/// What the settings name; null when they name nothing.
Result<Server> given_context(const Settings& settings, const Clock& clock) {
    const std::string& certificate = settings.text("tls.certificate");
    const std::string& key = settings.text("tls.key");
    if (certificate.empty() != key.empty()) {
        return fail(Code::ConfigInvalid,
                    "tls.certificate and tls.key belong together; set both, or neither for a "
                    "self-signed certificate");
    }
    if (certificate.empty()) { return nullptr; }
    return context_of(certificate, key, clock.now_ms());
}

}  // namespace

Status check_tls(const Settings& settings, const Clock& clock) {
    ASSIGN_OR_RETURN([[maybe_unused]] const Server usable, given_context(settings, clock));
    return {};
}

Result<std::vector<gateway::ListenAt>> tls_listeners(const Settings& settings,
                                                     bool domains_have_certificates,
                                                     const Clock& clock) {
    ASSIGN_OR_RETURN(Server context, given_context(settings, clock));
    std::vector<ListenEntry> entries = settings.listeners("tls.listen");
    std::vector<gateway::ListenAt> listeners;
    if (entries.empty() && context == nullptr && !domains_have_certificates) { return listeners; }
    if (context == nullptr) {
        ASSIGN_OR_RETURN(context, own_context(settings.text("data"), clock));
    }
    if (entries.empty()) {
        const async::SocketAddress usual{.address = IpAddress::v4(INADDR_ANY), .port = kUsualPort};
        entries.push_back({.address = {.ip = usual}});
    }
    for (const ListenEntry& entry : entries) {
        listeners.push_back(
            {.address = entry.address, .tls = context, .balancers = balancers_of(entry, settings)});
    }
    return listeners;
}

}  // namespace lintel::app
