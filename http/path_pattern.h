// Patterns of routes: "/cloud/users/{id}". Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::http {

// What stands for {...} in the pattern, in order; nullopt: `segments` (decoded) are no such path.
std::optional<std::vector<std::string>> MatchPattern(std::string_view pattern,
                                                     std::span<const std::string> segments);

}  // namespace cairn::http
