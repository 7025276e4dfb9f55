#include "app/local_file.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/core.h>

#include "app/output.h"

namespace lintel::app {

namespace {

constexpr std::size_t kMaxFileBytes = 64U << 20;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

int keep_open(std::FILE* /*file*/) {
    return 0;
}

/// Turns the echo of the terminal off while it lives.
class SilentTerminal {
public:
    SilentTerminal() {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    ~SilentTerminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

private:
    termios before_{};
};

}  // namespace

Outcome<std::string> read_local_file(const std::string& path) {
    const File file =
        path == "-" ? File(stdin, keep_open) : File(std::fopen(path.c_str(), "rb"), std::fclose);
    if (file == nullptr) {
        return give_up(ExitCode::Usage,
                       fmt::format("'{}' cannot be read: {}", path, std::strerror(errno)));
    }
    std::string text;
    char piece[65'536];
    std::size_t got = 0;
    while ((got = std::fread(piece, 1, sizeof piece, file.get())) > 0) {
        text.append(piece, got);
        if (text.size() > kMaxFileBytes) {
            return give_up(ExitCode::Usage, fmt::format("'{}' is too large", path));
        }
    }
    if (std::ferror(file.get()) != 0) {
        return give_up(ExitCode::Usage,
                       fmt::format("'{}' cannot be read: {}", path, std::strerror(errno)));
    }
    return text;
}

Outcome<Secret> read_secret_file(const std::string& path) {
    ASSIGN_OR_RETURN(const std::string text, read_local_file(path));
    const Secret secret(std::string_view(text).substr(0, text.find_first_of("\r\n")));
    if (secret.empty()) { return give_up(ExitCode::Usage, fmt::format("'{}' is empty", path)); }
    return secret;
}

Outcome<Secret> ask_password(const std::string& prompt) {
    if (::isatty(STDIN_FILENO) == 0) {
        return give_up(ExitCode::Usage,
                       "There is no terminal to ask for the password; use --password-file FILE "
                       "('-' reads the standard input)");
    }
    std::fputs(prompt.c_str(), stderr);
    std::fflush(stderr);
    char typed[1100];
    const char* read = nullptr;
    {
        const SilentTerminal silent;
        read = std::fgets(typed, sizeof typed, stdin);
    }
    tell("");
    if (read == nullptr) { return give_up(ExitCode::Usage, "No password was given"); }
    const Secret secret(std::string_view(typed).substr(0, std::strcspn(typed, "\r\n")));
    ::explicit_bzero(typed, sizeof typed);
    return secret;
}

}  // namespace lintel::app
