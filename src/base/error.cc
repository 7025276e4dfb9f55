#include "base/error.h"

#include <utility>

#include <array>

#include "base/assert.h"

namespace lintel {
namespace {

constexpr auto kCodes = std::to_array<CodeInfo>({
#define LINTEL_CODE(enumerator, name, phase, status, title, fix) \
    {Code::enumerator, name, phase, status, title, fix},
#include "base/error_codes.def"
#undef LINTEL_CODE
});

}  // namespace

const CodeInfo& info(Code code) {
    const auto at = static_cast<std::size_t>(code);
    LINTEL_ASSERT(at < kCodes.size(), "a code is a row of the table");
    return kCodes[at];
}

std::span<const CodeInfo> all_codes() {
    return kCodes;
}

std::unexpected<Error> fail(Code code, std::string message, std::string cause) {
    return std::unexpected(Error{code, std::move(message), std::move(cause)});
}
std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

}  // namespace lintel
