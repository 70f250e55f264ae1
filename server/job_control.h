// What the command line sees of the background jobs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cairn::server {

struct JobStatus {
  std::string name;
  std::chrono::seconds period{0};
  bool running = false;
  std::optional<std::int64_t> last_run;        // milliseconds since 1970: when the last run ended
  std::int64_t next_run = 0;                   // milliseconds since 1970
  std::uint64_t last_done = 0;                 // things done by the last run
  std::string last_error;                      // empty: the last run succeeded
  std::uint64_t runs = 0;                      // that ended, since the start
  std::uint64_t failures = 0;                  // of them
  std::chrono::microseconds last_duration{0};  // the steps of the last run together
};

// Thread-safe.
class JobControl {
 public:
  virtual ~JobControl() = default;
  virtual std::vector<JobStatus> List() const = 0;
  // Runs the job to its end and returns how much it did. Blocking. kNotFound: no such job; kBusy:
  // the server is stopping; otherwise the job's own error.
  virtual Result<std::uint64_t> Run(std::string_view name) = 0;
};

}  // namespace cairn::server
