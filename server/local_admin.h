// Commands on a data directory that no server has open: the engine without sockets, pools and jobs.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "server/cli.h"

namespace cairn::server {

struct LocalOptions {
  std::filesystem::path data_dir;
  bool create = false;
  bool read_only = false;
  bool accept_loss = false;
};

// An opened data directory. Thread-safe as its parts are.
class LocalAdmin {
 public:
  // kNotFound: no data directory; otherwise as storage::OpenDirectory.
  static Result<std::unique_ptr<LocalAdmin>> Open(const LocalOptions& options);
  virtual ~LocalAdmin() = default;
  virtual AdminContext& context() = 0;
};

}  // namespace cairn::server
