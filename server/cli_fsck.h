// fsck's options and report, shared by the command inside the server and the one on a closed data
// directory.
#pragma once

#include <string>

#include "storage/fsck.h"

namespace CLI {
class App;
}

namespace cairn::server {

// Exit codes of `cairn fsck` besides 0 and 1 (storage/fsck.h).
inline constexpr int kFsckFindings = 1;
inline constexpr int kFsckNoDirectory = 10;
inline constexpr int kFsckInUse = 11;
inline constexpr int kFsckCannotOpen = 12;

void AddFsckOptions(CLI::App& app, storage::FsckOptions& options);

// Checks what the published state of `engine` holds; appends the report to `out`. Returns the exit
// code.
int CheckEngine(storage::Engine& engine, const storage::FsckOptions& options, std::string& out,
                std::string& err);

}  // namespace cairn::server
