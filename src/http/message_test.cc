#include "http/message.h"

#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace lintel::http
