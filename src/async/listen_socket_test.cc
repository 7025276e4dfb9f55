#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "async/listener.h"
#include "support/temporary_folder.h"

namespace lintel::async {
namespace {

namespace fs = std::filesystem;
using support::TemporaryFolder;

const IpAddress kLoopback = IpAddress::v4(0x7F000001);

class UnixSocket : public testing::Test {
protected:
    ListenAddress at(unsigned mode = ListenAddress::kUsualMode) const {
        return {.ip = {}, .path = path().string(), .mode = mode};
    }
    fs::path path() const { return folder / "http.sock"; }

    TemporaryFolder folder;
};

/// -1 when nobody accepts there.
int connected_to(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        return descriptor;
    }
    ::close(descriptor);
    return -1;
}

TEST_F(UnixSocket, HasItsModeAndServesEveryWorker) {
    const auto sockets = ListenSocket::open_at(at(0600), 2);
    ASSERT_TRUE(sockets.has_value()) << sockets.error().message;
    ASSERT_EQ(sockets->size(), 2U);
    struct stat found{};
    ASSERT_EQ(::stat(path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600U);

    const std::unique_ptr<Loop> loop = *Loop::open();
    int accepted = 0;
    const auto count = [&](Accepted connection) {
        EXPECT_TRUE(connection.by_unix_socket);
        EXPECT_EQ(connection.peer.address, kLoopback);
        ++accepted;
    };
    Listener first(*loop, *(*sockets)[0].duplicate(), count);
    Listener second(*loop, *(*sockets)[1].duplicate(), count);
    const int client = connected_to(path());
    ASSERT_GE(client, 0);
    while (accepted == 0) {
        loop->turn();
    }
    EXPECT_EQ(accepted, 1);
    ::close(client);
}

TEST_F(UnixSocket, ReplacesWhatAProgramThatEndedLeft) {
    { const auto left = ListenSocket::open_at(at(), 1); }
    ASSERT_TRUE(fs::exists(path()));
    EXPECT_TRUE(ListenSocket::open_at(at(), 1).has_value());
}

TEST_F(UnixSocket, IsNotTakenFromAProgramThatServesIt) {
    const auto first = ListenSocket::open_at(at(), 1);
    const auto second = ListenSocket::open_at(at(), 1);
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
    const int client = connected_to(path());
    EXPECT_GE(client, 0) << "the first one still serves";
    ::close(client);
}

TEST_F(UnixSocket, NeverReplacesAFile) {
    std::ofstream(path()) << "precious";
    const auto sockets = ListenSocket::open_at(at(), 1);
    ASSERT_FALSE(sockets.has_value());
    EXPECT_NE(sockets.error().message.find("no socket"), std::string::npos);
    EXPECT_EQ(fs::file_size(path()), 8U);
}

TEST_F(UnixSocket, HasAPathTheKernelCanHold) {
    const auto sockets = ListenSocket::open_at({.ip = {}, .path = "/" + std::string(200, 'x')}, 1);
    ASSERT_FALSE(sockets.has_value());
    EXPECT_NE(sockets.error().message.find("longer than 107"), std::string::npos);
}

TEST(ListenSocket, IsAdoptedWithItsAddress) {
    auto opened = ListenSocket::open({kLoopback, 0}, 1);
    const SocketAddress address = opened->front().address();
    const auto adopted = ListenSocket::adopt(opened->front().release());
    ASSERT_TRUE(adopted.has_value()) << adopted.error().message;
    EXPECT_EQ(adopted->address(), address);
    EXPECT_FALSE(adopted->where().is_unix());
}

TEST_F(UnixSocket, IsAdoptedWithItsPath) {
    auto opened = ListenSocket::open_at(at(), 1);
    const auto adopted = ListenSocket::adopt(opened->front().release());
    ASSERT_TRUE(adopted.has_value());
    EXPECT_TRUE(adopted->where().is_same_place(at()));
}

TEST(ListenSocket, IsNothingElse) {
    EXPECT_FALSE(ListenSocket::adopt(::socket(AF_INET, SOCK_STREAM, 0)).has_value());
    EXPECT_FALSE(ListenSocket::adopt(::socket(AF_INET, SOCK_DGRAM, 0)).has_value());
}

}  // namespace
}  // namespace lintel::async
