#include "server/access_log.h"

#include <array>
#include <cstdio>

#include "base/log.h"

namespace cairn::server {
namespace {

// Everything that is not printable ASCII is written as \u00XX of its byte: a log line is always
// valid and always one.
void AppendJson(std::string& out, std::string_view name, std::string_view value) {
  out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":\"");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      out += c;
      continue;
    }
    std::array<char, 8> escaped;
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", byte);
    out += escaped.data();
  }
  out += '"';
}

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
  AppendJson(out, "id", record.id);
  AppendJson(out, "user", record.user);
  AppendJson(out, "remote", record.remote);
  AppendJson(out, "method", record.method);
  AppendJson(out, "path", WithoutSecret(record.path));
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

void LogAccess(const AccessRecord& record) { log::info("request {}", FormatAccess(record)); }

}  // namespace cairn::server
