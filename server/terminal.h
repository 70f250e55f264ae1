// Passwords from the person at the terminal, or from a pipe. Blocking.
#pragma once

#include <string>

#include "base/error.h"

namespace cairn::server {

// On a terminal: asks twice, without echo. Else: the first line of standard input.
// kInvalidArgument: nothing was given, or the two differ.
Result<std::string> ReadPassword();

}  // namespace cairn::server
