// `cairn serve`: the server process, from the opened data directory to the last answered request.
#pragma once

#include "conf/load.h"

namespace cairn::server {

// Runs until SIGTERM or SIGINT; SIGHUP reads the settings again. Returns the exit code of the
// process: 0 stopped in order, 1 could not start (the reason is on standard error).
int Serve(const conf::LoadOptions& options);

}  // namespace cairn::server
