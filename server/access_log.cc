#include "server/access_log.h"

#include <array>
#include <cstdio>

#include "base/json_text.h"
#include "base/log.h"

namespace cairn::server {
namespace {

void AppendNumber(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(",\"").append(name).append("\":").append(std::to_string(value));
}

// The login flow's browser address ends in a token that grants access.
std::string WithoutSecret(std::string_view path) {
  constexpr std::string_view kFlow = "/login/v2/flow/";
  const auto at = path.find(kFlow);
  if (at == std::string_view::npos) return std::string(path);
  return std::string(path.substr(0, at + kFlow.size())) + "...";
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
