// Description files: read or refused with at least one reason, whatever is in them.
#include <cstdint>
#include <string_view>

#include "openapi/read.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    using fuzz::require;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto format : {openapi::Format::Json, openapi::Format::Yaml}) {
        const auto read = openapi::read(text, format);
        if (read) { continue; }
        require(!read.error().message.empty() || !read.error().faults.empty(),
                "a refusal has a reason");
        for (const Fault& fault : read.error().faults) {
            require(!fault.detail.empty(), "a fault says what is wrong");
        }
    }
    return 0;
}
