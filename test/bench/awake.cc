// Never sleeps, so the CPU it is bound to does not halt. Does as little as the processor lets it,
// since the other half of the core may be at work.
// bench_awake PARENT, which is the process that started it: it does not go on without that.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

int main(int count, char** arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (count != 2 || getppid() != std::atoi(arguments[1])) { return 2; }
    while (true) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }
}
