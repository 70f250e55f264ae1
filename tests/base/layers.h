// The rules of docs/layers.txt and the check of one include against them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::layers {

struct Rules {
  std::map<std::string, std::set<std::string>>
      folders;  // folder -> folders and single headers it may include
  std::map<std::string, std::set<std::string>>
      doors;  // prefix of a third-party header -> folders, or "*"
};

// nullopt: a line that is neither a rule nor a comment, a rule given twice, or a folder that no
// rule declares.
std::optional<Rules> ParseRules(std::string_view text);

// One #include directive.
struct Include {
  std::string header;
  bool system = false;  // <...>
  int line = 0;
};
std::vector<Include> IncludesIn(std::string_view source);

// Why a file of `folder` may not include this; empty when it may.
std::string Violation(const Rules& rules, const std::string& folder, const Include& include);

}  // namespace cairn::layers
