#include "server/access_log.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/json_text.h"
#include "base/log.h"

namespace cairn::server {
namespace {

void AppendNumber(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(",\"").append(name).append("\":").append(std::to_string(value));
}

// Addresses in which a segment opens something to whoever knows it: a login flow, a public link.
constexpr std::array<std::string_view, 3> kBeforeSecrets = {"/login/v2/flow/", "/s/",
                                                            "/public.php/dav/files/"};

std::string WithoutSecret(std::string_view path) {
  for (const std::string_view mark : kBeforeSecrets) {
    const auto at = path.find(mark);
    if (at == std::string_view::npos) continue;
    // Only a sub path and /index.php stand in front of them: what is below /remote.php is a name.
    std::string_view before = path.substr(0, at);
    if (before.ends_with("/index.php")) before.remove_suffix(std::string_view("/index.php").size());
    if (before.find(".php") != std::string_view::npos) continue;
    const auto begin = at + mark.size();
    const auto end = std::min(path.find('/', begin), path.size());
    if (begin == end) return std::string(path);
    return std::string(path.substr(0, begin)).append("...").append(path.substr(end));
  }
  return std::string(path);
}

}  // namespace

std::string FormatAccess(const AccessRecord& record) {
  std::string out = "{";
  out.reserve(256 + record.path.size());
  AppendJsonField(out, "id", record.id);
  AppendJsonField(out, "user", record.user);
  AppendJsonField(out, "remote", record.remote);
  AppendJsonField(out, "method", record.method);
  AppendJsonField(out, "path", WithoutSecret(record.path));
  AppendNumber(out, "status", static_cast<std::uint64_t>(record.status));
  AppendNumber(out, "in", record.bytes_in);
  AppendNumber(out, "out", record.bytes_out);
  std::array<char, 32> millis;
  std::snprintf(millis.data(), millis.size(), ",\"ms\":%.2f",
                static_cast<double>(record.duration.count()) / 1000.0);
  out += millis.data();
  if (!record.complete) out += ",\"broken\":true";
  out += '}';
  return out;
}

void LogAccess(const AccessRecord& record) {
  log::info("{}{}", kAccessPrefix, FormatAccess(record));
}

}  // namespace cairn::server
