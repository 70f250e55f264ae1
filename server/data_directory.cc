#include "server/data_directory.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "server/stored_settings.h"

namespace cairn::server {
namespace {

constexpr int kExitBroken = 70;  // EX_SOFTWARE: a supervisor starts the server again

}  // namespace

Result<std::unique_ptr<DataDirectory>> DataDirectory::Open(conf::LoadOptions options,
                                                           const DirectoryMode& mode,
                                                           storage::Faults::OnBroken on_broken) {
  ASSIGN_OR_RETURN(const conf::Loaded first, conf::Load(options));
  storage::EngineOptions engine;
  engine.directory = first.config.data_dir;
  engine.witness_path = first.config.storage.witness_path;
  engine.block_cache_bytes = first.config.storage.block_cache_bytes;
  engine.reserve_bytes = first.config.storage.reserve_bytes;
  engine.inline_limit = first.config.storage.inline_limit;
  engine.create = mode.create;
  engine.read_only = mode.read_only;
  engine.accept_loss = mode.accept_loss;
  engine.on_broken = std::move(on_broken);
  engine.env = mode.env;
  engine.disk = mode.disk;
  engine.ballast = mode.ballast;
  auto opened = std::make_unique<DataDirectory>();
  ASSIGN_OR_RETURN(opened->backend, storage::OpenDirectory(engine, opened->clock, opened->random));
  ASSIGN_OR_RETURN(options.stored, StoredSettings(*opened->backend.kv).All());
  ASSIGN_OR_RETURN(auto loaded, conf::Load(options));
  opened->config = std::make_unique<LiveConfig>(std::move(options), std::move(loaded));
  return opened;
}

void ExitBroken(std::string_view what) {
  std::fprintf(stderr, "cairn: the storage is broken: %.*s\n", static_cast<int>(what.size()),
               what.data());
  _exit(kExitBroken);
}

}  // namespace cairn::server
