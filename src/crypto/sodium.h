// The one door to libsodium inside this module: the library must be initialised before any call.
#pragma once

namespace lintel::crypto {

/// Cheap after the first call. Ends the process when the library cannot start: without it there is
/// no randomness to trust.
void require_sodium();

}  // namespace lintel::crypto
