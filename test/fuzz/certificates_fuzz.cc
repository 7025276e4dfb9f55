// Uploaded certificates: the bytes stand for the DER inside the PEM. What is wrong has a reason,
// and what can be shown to clients names nothing but hosts.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "crypto/certificate.h"
#include "require.h"

namespace {

std::string pem_of(std::string_view der) {
    constexpr std::size_t kLine = 64;
    const std::string text = lintel::to_base64(der);
    std::string pem = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < text.size(); at += kLine) {
        pem += text.substr(at, kLine) + "\n";
    }
    return pem + "-----END CERTIFICATE-----\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    using fuzz::require;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    require(crypto::read_trusted(bytes, "/a").has_value() ||
                crypto::read_certificate(bytes, bytes).error().faults.size() == 1,
            "text that cannot be read has a reason");
    auto read = crypto::read_trusted(pem_of(bytes), "/a");
    if (!read) { return 0; }
    const auto checked = crypto::check_certificate({*read, Secret()}, 0);
    require(!checked, "nobody has no key");
    for (const Fault& fault : checked.error().faults) {
        require(fault.code.starts_with("certificate.") && !fault.detail.empty(),
                "every fault has a code and a reason");
    }
    return 0;
}
