#include "http/message.h"

#include <gtest/gtest.h>

#include <string>

namespace lintel::http {
namespace {

TEST(HeaderId, RecognisesNamesInAnyCase) {
    EXPECT_EQ(header_id("host"), HeaderId::Host);
    EXPECT_EQ(header_id("HOST"), HeaderId::Host);
    EXPECT_EQ(header_id("Transfer-Encoding"), HeaderId::TransferEncoding);
    EXPECT_EQ(header_id("X-HMAC-Signed-Headers"), HeaderId::XHmacSignedHeaders);
    EXPECT_EQ(header_id("te"), HeaderId::Te);
    EXPECT_EQ(header_id("hosT "), HeaderId::Other);
    EXPECT_EQ(header_id("transfer_encoding"), HeaderId::Other);
    EXPECT_EQ(header_id(""), HeaderId::Other);
    EXPECT_EQ(header_id("x\rrequest-id"), HeaderId::Other);  // CR and "-" differ in one bit
    EXPECT_EQ(header_id("\x01ookie"), HeaderId::Other);
}

TEST(HeaderId, OneWrongByteIsAnotherName) {
    for (const std::string_view known : {"te", "date", "cookie", "x-request-id", "authorization",
                                         "access-control-request-method"}) {
        const HeaderId id = header_id(known);
        ASSERT_NE(id, HeaderId::Other) << known;
        for (std::size_t at = 0; at < known.size(); ++at) {
            for (int c = 0; c < 256; ++c) {
                std::string name(known);
                name[at] = static_cast<char>(c);
                EXPECT_EQ(header_id(name) == id, equals_ignoring_case(name, known))
                    << known << ": byte " << c << " at " << at;
            }
        }
    }
}

}  // namespace
}  // namespace lintel::http
