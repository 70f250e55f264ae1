// The `cairn` command as a process: global options, passwords from the terminal, and where a
// command runs.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conf/load.h"

namespace cairn::server {

// The arguments without the global options, which may stand before or after the command.
struct CommandLine {
  conf::LoadOptions settings;     // --config, --data-dir and the environment
  std::vector<std::string> args;  // command first; empty: none was given
};
// kInvalidArgument with a message for people.
Result<CommandLine> SplitGlobalOptions(std::span<const std::string> args,
                                       std::map<std::string, std::string> environment);

// What `cairn`, `cairn list` and `cairn --help` print.
std::string CommandList();

// Returns the exit code of the process. Prints to standard output and error.
int CliMain(std::span<const std::string> args);

}  // namespace cairn::server
