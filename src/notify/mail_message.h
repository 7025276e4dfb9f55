// A mail as it goes over the wire (RFC 5322): headers and a text in UTF-8. Whatever the subject
// holds, it adds no header.
#pragma once

#include <string>

#include "base/clock.h"

namespace lintel::notify {

struct Mail {
    std::string id = {};  ///< the same however often it is sent
    std::string from = {};
    std::string to = {};
    std::string subject = {};
    std::string text = {};
    TimeMs at = 0;
};

std::string to_message(const Mail& mail);

}  // namespace lintel::notify
