// Commands on a data directory that no server has open: the engine without sockets, pools and jobs.
#pragma once

#include <memory>

#include "base/error.h"
#include "server/cli.h"
#include "server/data_directory.h"

namespace cairn::server {

// An opened data directory. Thread-safe as its parts are.
class LocalAdmin {
 public:
  // As DataDirectory::Open; kNotFound: there is none and `mode` does not create one.
  static Result<std::unique_ptr<LocalAdmin>> Open(const conf::LoadOptions& options,
                                                  const DirectoryMode& mode);
  virtual ~LocalAdmin() = default;
  virtual AdminContext& context() = 0;
};

}  // namespace cairn::server
