#include "http/checksum_header.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::http {
namespace {

constexpr std::size_t kMaxChecksums = 16;
constexpr std::size_t kMaxHexDigits = 128;
constexpr std::int64_t kOneDay = 86'400;
constexpr std::int64_t kEndOfYear9999 = 253'402'300'799;

std::optional<Checksum> ParseEntry(std::string_view entry) {
  const auto colon = entry.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto kind = HashKindFromName(entry.substr(0, colon));
  std::string hex = ToLower(entry.substr(colon + 1));
  if (!kind || hex.empty() || hex.size() > kMaxHexDigits) return std::nullopt;
  if (kind == HashKind::kAdler32 && hex.size() < 8) hex.insert(0, 8 - hex.size(), '0');
  return Checksum{*kind, std::move(hex)};
}

}  // namespace

std::vector<Checksum> ParseChecksums(std::string_view value) {
  std::vector<Checksum> checksums;
  while (!value.empty() && checksums.size() < kMaxChecksums) {
    const auto end = std::min(value.find_first_of(" \t,"), value.size());
    if (auto checksum = ParseEntry(value.substr(0, end))) checksums.push_back(*std::move(checksum));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return checksums;
}

std::string FormatChecksums(const std::vector<Checksum>& checksums) {
  std::string out;
  for (const Checksum& checksum : checksums) {
    if (!out.empty()) out += " ";
    out += std::string(Name(checksum.kind)) + ":" + checksum.hex;
  }
  return out;
}

std::optional<std::int64_t> ParseMtime(std::string_view value) {
  const auto point = value.find('.');
  const auto seconds = ParseInt(value.substr(0, point));
  if (!seconds) return std::nullopt;
  if (point != std::string_view::npos &&
      value.substr(point + 1).find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  if (*seconds <= kOneDay || *seconds > kEndOfYear9999) return std::nullopt;
  return seconds;
}

}  // namespace cairn::http
