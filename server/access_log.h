// One line per answered request, as JSON. Paths are escaped; queries, headers and bodies never get
// in, nor does the secret part of a path that carries one. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cairn::server {

struct AccessRecord {
  std::string_view id;
  std::string_view user;  // empty: nobody
  std::string_view remote;
  std::string_view method;       // "-" when the head was refused
  std::string_view path;         // as received, without the query
  bool has_credentials = false;  // whatever they are worth
  int status = 0;                // 0: the connection ended without an answer
  bool complete = true;          // the answer went out whole
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::chrono::microseconds duration{0};
};

using AccessLog = std::function<void(const AccessRecord&)>;

// {"id":"...","user":"alice","remote":"127.0.0.1","method":"PUT",...}
std::string FormatAccess(const AccessRecord& record);
// Writes it to the process's log, behind kAccessPrefix.
inline constexpr std::string_view kAccessPrefix = "request ";
void LogAccess(const AccessRecord& record);

}  // namespace cairn::server
