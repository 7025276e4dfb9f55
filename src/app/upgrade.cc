#include "app/upgrade.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "app/inherited.h"

namespace lintel::app {

namespace {

std::unexpected<Error> cannot_start(int error) {
    return fail(Code::StartFailed,
                fmt::format("a successor cannot be started: {}", std::strerror(error)));
}

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) { ::close(number_); }
    }
    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

/// The words of this process's command line.
std::vector<std::string> own_arguments() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) {
        words.push_back(word);
    }
    return words;
}

/// The environment without what was meant for this process, and with what is for the next.
std::vector<std::string> environment_for(std::size_t sockets, int words_at) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    variables.push_back(fmt::format("LISTEN_FDS={}", sockets));
    variables.push_back(fmt::format("{}={}", kUpgradeVariable, words_at));
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// The descriptors that the new process gets as 3, 4, ...: copies above that range, so that placing
/// one never overwrites another.
Result<std::vector<Descriptor>> copies_of(std::span<const async::ListenSocket> sockets, int words) {
    const int above = kFirstPassed + static_cast<int>(sockets.size()) + 1;
    std::vector<Descriptor> copies;
    for (const async::ListenSocket& socket : sockets) {
        copies.emplace_back(::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, above));
    }
    copies.emplace_back(::fcntl(words, F_DUPFD_CLOEXEC, above));
    for (const Descriptor& copy : copies) {
        if (copy.get() < 0) { return cannot_start(errno); }
    }
    return copies;
}

/// What happens between fork and exec. No signal of ours may be blocked or ignored there.
class SpawnPlan {
public:
    SpawnPlan() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        sigset_t none;
        sigemptyset(&none);
        sigset_t ignored;
        sigemptyset(&ignored);
        sigaddset(&ignored, SIGPIPE);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &ignored);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

}  // namespace

Result<Successor> Successor::start(const std::string& executable,
                                   std::span<const async::ListenSocket> sockets) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) { return cannot_start(errno); }
    Descriptor words(ends[0]);
    const Descriptor its_words(ends[1]);
    ASSIGN_OR_RETURN(const std::vector<Descriptor> copies, copies_of(sockets, its_words.get()));

    SpawnPlan plan;
    int place = kFirstPassed;
    for (const Descriptor& copy : copies) {
        ::posix_spawn_file_actions_adddup2(&plan.actions, copy.get(), place++);
    }
    std::vector<std::string> arguments = own_arguments();
    std::vector<std::string> environment = environment_for(sockets.size(), place - 1);
    pid_t process = -1;
    const int error = ::posix_spawn(&process, executable.c_str(), &plan.actions, &plan.attributes,
                                    pointers_to(arguments).data(), pointers_to(environment).data());
    if (error != 0) { return cannot_start(error); }
    return Successor(process, words.release());
}

Successor::Successor(Successor&& other) noexcept
    : process_(std::exchange(other.process_, -1)), words_(std::exchange(other.words_, -1)) {}

Successor::~Successor() {
    if (words_ >= 0) { ::close(words_); }
    if (process_ < 0) { return; }
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

Status Successor::await(char word, std::chrono::milliseconds patience) const {
    pollfd waiting{.fd = words_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    if (ready == 0) {
        return fail(Code::StartFailed,
                    fmt::format("it was not ready within {} s", patience.count() / 1000));
    }
    char said = '\0';
    if (ready < 0 || ::read(words_, &said, 1) != 1) {
        return fail(Code::StartFailed, "it ended; its own lines in the log say why");
    }
    if (said != word) { return fail(Code::StartFailed, "it said something unexpected"); }
    return {};
}

std::string own_executable() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace lintel::app
