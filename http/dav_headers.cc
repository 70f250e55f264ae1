#include "http/dav_headers.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::http {

Depth ParseDepth(const Headers& headers) {
  if (!headers.Has("Depth")) return {};
  const std::string_view text = Trim(headers.Get("Depth"));
  if (EqualsIgnoreCase(text, "infinity")) return {Depth::Kind::kInfinity, 0};
  const auto levels = ParseUint(text);
  if (!levels) return {Depth::Kind::kGarbage, 0};
  if (*levels >= UINT32_MAX) return {Depth::Kind::kInfinity, 0};
  return {Depth::Kind::kLevels, static_cast<std::uint32_t>(*levels)};
}

std::uint32_t PropfindDepth(const Headers& headers) {
  const Depth depth = ParseDepth(headers);
  switch (depth.kind) {
    case Depth::Kind::kLevels:
      return depth.levels;
    case Depth::Kind::kInfinity:
      return kInfiniteDepth;
    case Depth::Kind::kAbsent:
    case Depth::Kind::kGarbage:
      break;
  }
  return 1;
}

std::optional<LockTimeout> ParseTimeout(const Headers& headers) {
  constexpr std::string_view kSecond = "Second-";
  const std::string joined = headers.Joined("Timeout");
  std::string_view rest = joined;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = Trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (EqualsIgnoreCase(entry, "Infinite")) return LockTimeout{true, 0};
    if (!EqualsIgnoreCase(entry.substr(0, kSecond.size()), kSecond)) continue;
    const auto seconds = ParseUint(entry.substr(kSecond.size()));
    if (!seconds || *seconds == 0) continue;
    return LockTimeout{false,
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(*seconds, UINT32_MAX))};
  }
  return std::nullopt;
}

Result<bool> ParseOverwrite(const Headers& headers) {
  if (!headers.Has("Overwrite")) return true;
  const std::string_view text = Trim(headers.Get("Overwrite"));
  if (EqualsIgnoreCase(text, "T") || EqualsIgnoreCase(text, "true")) return true;
  if (EqualsIgnoreCase(text, "F") || EqualsIgnoreCase(text, "false")) return false;
  return Fail(ErrorCode::kInvalidArgument, "The HTTP Overwrite header should be either T or F");
}

std::optional<PageRequest> ParsePaginate(const Headers& headers) {
  if (!EqualsIgnoreCase(Trim(headers.Get("X-NC-Paginate")), "true")) return std::nullopt;
  const auto number = [&](std::string_view name, std::uint64_t otherwise) {
    return headers.Has(name) ? ParseUint(Trim(headers.Get(name))) : otherwise;
  };
  PageRequest page;
  const auto count = number("X-NC-Paginate-Count", page.count);
  const auto offset = number("X-NC-Paginate-Offset", page.offset);
  if (!count || *count == 0 || !offset) return std::nullopt;
  page.count = *count;
  page.offset = *offset;
  page.token = Trim(headers.Get("X-NC-Paginate-Token"));
  return page;
}

}  // namespace cairn::http
