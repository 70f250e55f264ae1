// `cairn serve`: the server process, from the opened data directory to the last answered request.
#pragma once

#include <filesystem>
#include <string>

namespace cairn::server {

struct ServeOptions {
  std::filesystem::path data_dir;
  std::string listen;      // empty = the default of conf::Config
  std::string public_url;  // empty = from `listen`
};

// Runs until SIGTERM or SIGINT; returns the exit code of the process: 0 stopped in order, 1 could
// not start (the reason is on standard error).
int Serve(const ServeOptions& options);

}  // namespace cairn::server
