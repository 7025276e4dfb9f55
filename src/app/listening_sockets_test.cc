#include "app/listening_sockets.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>

#include "support/temporary_folder.h"

namespace lintel::app {
namespace {

using async::ListenAddress;
using async::ListenSocket;

const IpAddress kLoopback = IpAddress::v4(0x7F000001);

std::vector<ListenSocket> opened(IpAddress address, std::size_t count) {
    auto sockets = ListenSocket::open({address, 0}, count);
    EXPECT_TRUE(sockets.has_value());
    return *std::move(sockets);
}

std::size_t count(ListeningSockets& sockets, const ListenAddress& at, std::size_t workers) {
    const auto got = sockets.open(at, workers);
    EXPECT_TRUE(got.has_value()) << got.error().message;
    return got ? got->size() : 0;
}

TEST(ListeningSockets, AreOpenedWhenNobodyLeftAny) {
    ListeningSockets sockets({});
    EXPECT_EQ(count(sockets, {.ip = {kLoopback, 0}}, 3), 3U);
    EXPECT_EQ(sockets.all().size(), 3U);
}

TEST(ListeningSockets, ThatWereLeftAreUsedByWhateverNumberOfWorkers) {
    for (const auto& [queues, workers, expected] :
         {std::tuple(2U, 2U, 2U), std::tuple(1U, 4U, 4U), std::tuple(4U, 2U, 4U)}) {
        auto left = opened(kLoopback, queues);
        const ListenAddress at{.ip = left.front().address()};
        ListeningSockets sockets(std::move(left));
        EXPECT_EQ(count(sockets, at, workers), expected);
        // Each queue is passed on once, however many serve it.
        EXPECT_EQ(sockets.all().size(), queues);
    }
}

TEST(ListeningSockets, OfSystemdServeEveryAddressOfTheirPort) {
    auto left = opened(IpAddress(), 1);  // [::]
    const std::uint16_t port = left.front().address().port;
    ListeningSockets sockets(std::move(left));
    EXPECT_EQ(count(sockets, {.ip = {IpAddress::v4(0), port}}, 1), 1U);
    EXPECT_EQ(sockets.all().front().address().address, IpAddress());
}

TEST(ListeningSockets, OfOtherAddressesAreClosed) {
    auto left = opened(kLoopback, 1);
    const async::SocketAddress unwanted = left.front().address();
    ListeningSockets sockets(std::move(left));
    EXPECT_EQ(count(sockets, {.ip = {kLoopback, 0}}, 1), 1U);
    EXPECT_FALSE(ListenSocket::open(unwanted, 1).has_value()) << "it is still there";
    sockets.close_unused();
    EXPECT_TRUE(ListenSocket::open(unwanted, 1).has_value());
}

TEST(ListeningSockets, AreOneQueueOfAUnixSocket) {
    const support::TemporaryFolder folder;
    const ListenAddress at{.ip = {}, .path = (folder / "http.sock").string()};
    ListeningSockets first({});
    EXPECT_EQ(count(first, at, 3), 3U);
    ASSERT_EQ(first.all().size(), 1U);
    std::vector<ListenSocket> passed;
    passed.push_back(*ListenSocket::adopt(first.all().front().duplicate()->release()));
    ListeningSockets second(std::move(passed));
    EXPECT_EQ(count(second, at, 2), 2U);
    EXPECT_TRUE(second.reopen(at).has_value());
}

}  // namespace
}  // namespace lintel::app
