// Signals as events the main thread waits for; no code runs in a signal handler.
#pragma once

namespace lintel::app {

enum class ProcessSignal { Stop, Reload, Upgrade };

/// Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR2 for this thread and those it starts: call it before
/// any other thread exists. SIGPIPE is ignored.
void block_signals();
/// Undoes block_signals: the next SIGTERM or SIGINT ends the process at once.
void unblock_signals();
/// Waits for one of them: SIGTERM and SIGINT mean Stop, SIGHUP Reload, SIGUSR2 Upgrade.
ProcessSignal wait_for_signal();

}  // namespace lintel::app
