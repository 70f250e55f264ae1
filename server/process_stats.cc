#include "server/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace cairn::server {
namespace {

// proc(5), /proc/PID/stat: the fields behind the name, which ends with the last ')'.
constexpr int kUserTimeField = 14;
constexpr int kSystemTimeField = 15;
constexpr int kThreadsField = 20;
constexpr int kVirtualField = 23;
constexpr int kResidentPagesField = 24;

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  std::ifstream in("/proc/self/stat");
  std::string text;
  std::getline(in, text);
  std::istringstream fields(text.substr(std::min(text.rfind(')'), text.size() - 1) + 1));
  std::string field;
  for (int number = 3; fields >> field; ++number) {
    const std::uint64_t value = std::strtoull(field.c_str(), nullptr, 10);
    if (number == kUserTimeField || number == kSystemTimeField)
      stats.cpu_seconds += static_cast<double>(value) / static_cast<double>(sysconf(_SC_CLK_TCK));
    if (number == kThreadsField) stats.threads = value;
    if (number == kVirtualField) stats.virtual_bytes = value;
    if (number == kResidentPagesField)
      stats.resident_bytes = value * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error))
    ++stats.open_files;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_files = limit.rlim_cur;
  return stats;
}

}  // namespace cairn::server
