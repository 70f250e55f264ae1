#include "server/response_head.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "http/date.h"
#include "http/status_map.h"

namespace cairn::server {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSecurityHeaders = {{
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "SAMEORIGIN"},
    {"X-Permitted-Cross-Domain-Policies", "none"},
    {"X-Robots-Tag", "noindex, nofollow"},
}};

// RFC 9110 section 5.6.2.
bool IsToken(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alnum && c != '-' && std::string_view("!#$%&'*+.^_`|~").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

bool IsOurs(std::string_view name) {
  return EqualsIgnoreCase(name, "Connection") || EqualsIgnoreCase(name, "Content-Length") ||
         EqualsIgnoreCase(name, "Transfer-Encoding") || EqualsIgnoreCase(name, "Date") ||
         EqualsIgnoreCase(name, "Keep-Alive");
}

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t start = out.size();
  out.append(value);
  bool clean = true;
  for (const char c : value) clean &= !IsControl(c);
  if (!clean)
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), IsControl, ' ');
  out += "\r\n";
}

// Formatting a date costs more than the rest of a head: once a second and thread is enough.
std::string_view DateOf(std::int64_t seconds) {
  thread_local std::int64_t formatted = -1;
  thread_local std::string text;
  if (seconds != formatted || text.empty()) {
    text = http::HttpDate(seconds);
    formatted = seconds;
  }
  return text;
}

// Those that the answer does not have by itself; mostly it has none, and then they are one text.
void AppendSecurityHeaders(std::string& out, const http::Headers& headers) {
  static const std::string all = [] {
    std::string text;
    for (const auto& [name, value] : kSecurityHeaders) AppendField(text, name, value);
    return text;
  }();
  const auto is_own = [](const http::Headers::Field& field) {
    return std::any_of(kSecurityHeaders.begin(), kSecurityHeaders.end(), [&](const auto& ours) {
      return ours.first.size() == field.first.size() && EqualsIgnoreCase(ours.first, field.first);
    });
  };
  if (std::none_of(headers.fields().begin(), headers.fields().end(), is_own)) {
    out += all;
    return;
  }
  for (const auto& [name, value] : kSecurityHeaders) {
    if (!headers.Has(name)) AppendField(out, name, value);
  }
}

void AppendFraming(std::string& out, const HeadParts& parts) {
  switch (parts.framing) {
    case BodyFraming::kLength:
      AppendField(out, "Content-Length", std::to_string(parts.length));
      break;
    case BodyFraming::kChunked:
      AppendField(out, "Transfer-Encoding", "chunked");
      break;
    case BodyFraming::kNone:
    case BodyFraming::kClose:
      break;
  }
  if (!parts.keep_alive) {
    AppendField(out, "Connection", "close");
  } else if (parts.version_minor == 0) {
    AppendField(out, "Connection", "keep-alive");
  }
}

}  // namespace

std::string SerializeHead(const http::Response& response, const HeadParts& parts) {
  std::string out;
  out.reserve(640);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(http::ReasonPhrase(response.status)).append("\r\n");
  AppendField(out, "Date", DateOf(parts.now_seconds));
  for (const auto& [name, value] : response.headers.fields()) {
    if (IsToken(name) && !IsOurs(name)) AppendField(out, name, value);
  }
  if (!parts.request_id.empty() && !response.headers.Has("X-Request-Id")) {
    AppendField(out, "X-Request-Id", parts.request_id);
  }
  AppendSecurityHeaders(out, response.headers);
  if (parts.hsts.count() > 0) {
    AppendField(out, "Strict-Transport-Security",
                "max-age=" + std::to_string(parts.hsts.count()) + "; includeSubDomains");
  }
  AppendFraming(out, parts);
  out += "\r\n";
  return out;
}

}  // namespace cairn::server
