// A data directory with the settings that belong to it: what the server and the command line both
// begin with.
#pragma once

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "conf/load.h"
#include "server/live_config.h"
#include "storage/engine.h"

namespace cairn::server {

struct DirectoryMode {
  bool create = true;
  bool read_only = false;
  bool accept_loss = false;
  // Tests: other file systems, which must outlive the directory; no ballast.
  rocksdb::Env* env = nullptr;
  storage::DiskOps* disk = nullptr;
  bool ballast = true;
};

// Outlives everything that is built on it.
struct DataDirectory {
  SystemClock clock;
  SystemRandom random;
  storage::Backend backend;  // moved from by the engine
  std::unique_ptr<LiveConfig> config;

  // Reads the settings, opens the directory, reads the settings again with what commands have
  // stored in it. kInvalidArgument: settings are refused; otherwise as storage::OpenDirectory.
  // Blocking.
  static Result<std::unique_ptr<DataDirectory>> Open(conf::LoadOptions options,
                                                     const DirectoryMode& mode,
                                                     storage::Faults::OnBroken on_broken);
};

// What a process does whose storage is broken: it ends, with 70. Nothing may be answered any more,
// for what was said before may not be on disk.
[[noreturn]] void ExitBroken(std::string_view what);

}  // namespace cairn::server
