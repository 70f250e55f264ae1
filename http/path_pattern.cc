#include "http/path_pattern.h"

namespace cairn::http {

std::optional<std::vector<std::string>> MatchPattern(std::string_view pattern,
                                                     std::span<const std::string> segments) {
  std::vector<std::string> params;
  for (const std::string& segment : segments) {
    if (pattern.empty()) return std::nullopt;
    pattern.remove_prefix(1);
    const std::string_view wanted = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(wanted.size());
    if (wanted.starts_with('{')) {
      params.push_back(segment);
    } else if (wanted != segment) {
      return std::nullopt;
    }
  }
  if (!pattern.empty()) return std::nullopt;
  return params;
}

}  // namespace cairn::http
