// The log of the server process: standard error or a file, lines for people or JSON objects.
//
// Apply may be called again while other threads log (SIGHUP: the file is opened anew, as logrotate
// expects). Thread-safe.
#pragma once

#include <memory>

#include "base/error.h"
#include "conf/config.h"

namespace cairn::server {

class LogSink;

class ProcessLog {
 public:
  // Becomes the log of the process (base/log.h).
  ProcessLog();
  ~ProcessLog();

  // kIo: the file cannot be opened; the log goes on as before.
  Result<void> Apply(const conf::Log& settings);

 private:
  std::shared_ptr<LogSink> sink_;
};

}  // namespace cairn::server
