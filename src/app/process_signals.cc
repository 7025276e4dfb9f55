#include "app/process_signals.h"

#include <csignal>

namespace lintel::app {

namespace {

sigset_t handled_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR2);
    return set;
}

}  // namespace

void block_signals() {
    const sigset_t set = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void unblock_signals() {
    const sigset_t set = handled_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

ProcessSignal wait_for_signal() {
    const sigset_t set = handled_signals();
    int number = 0;
    while (::sigwait(&set, &number) != 0) {}
    if (number == SIGHUP) { return ProcessSignal::Reload; }
    return number == SIGUSR2 ? ProcessSignal::Upgrade : ProcessSignal::Stop;
}

}  // namespace lintel::app
