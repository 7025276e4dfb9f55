#include "base/assert.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

TEST(AssertDeathTest, EndsTheProcessAndSaysWhatWasBroken) {
    const int apples = 1;
    LINTEL_ASSERT(apples == 1, "one apple");
    EXPECT_DEATH(LINTEL_ASSERT(apples == 2, "two apples"), "two apples \\(apples == 2\\)");
}

}  // namespace
}  // namespace lintel
