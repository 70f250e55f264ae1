#include "tests/base/layers.h"

#include <algorithm>
#include <sstream>

namespace cairn::layers {
namespace {

// "folder NAME: A B" -> into rules["NAME"] = {A, B}.
bool ReadRule(const std::string& line, std::map<std::string, std::set<std::string>>& rules) {
  const auto blank = line.find(' ');
  const auto colon = line.find(':');
  if (blank == std::string::npos || colon == std::string::npos || colon < blank) return false;
  std::istringstream words(line.substr(colon + 1));
  std::set<std::string> allowed;
  for (std::string word; words >> word;) allowed.insert(word);
  const std::string name = line.substr(blank + 1, colon - blank - 1);
  return !name.empty() && rules.emplace(name, std::move(allowed)).second;
}

std::string FolderOf(const std::string& header) { return header.substr(0, header.find('/')); }

std::string CheckSystem(const Rules& rules, const std::string& folder, const std::string& header) {
  if (header.find_first_of("/.") == std::string::npos) return {};
  const std::set<std::string>* allowed = nullptr;
  std::size_t longest = 0;
  for (const auto& [prefix, folders] : rules.doors) {
    if (header.starts_with(prefix) && prefix.size() > longest) {
      longest = prefix.size();
      allowed = &folders;
    }
  }
  if (allowed == nullptr) return "no door for <" + header + ">";
  if (allowed->contains("*") || allowed->contains(folder)) return {};
  return "<" + header + "> has another door";
}

}  // namespace

std::optional<Rules> ParseRules(std::string_view text) {
  Rules rules;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const bool understood = (line.starts_with("folder ") && ReadRule(line, rules.folders)) ||
                            (line.starts_with("door ") && ReadRule(line, rules.doors));
    if (!understood) return std::nullopt;
  }
  const auto declared = [&](const std::string& name) {
    return name == "*" || rules.folders.contains(FolderOf(name));
  };
  for (const auto* table : {&rules.folders, &rules.doors}) {
    for (const auto& [name, allowed] : *table) {
      if (!std::all_of(allowed.begin(), allowed.end(), declared)) return std::nullopt;
    }
  }
  return rules;
}

std::vector<Include> IncludesIn(std::string_view source) {
  std::vector<Include> includes;
  std::istringstream lines{std::string(source)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    auto at = line.find_first_not_of(" \t");
    if (at == std::string::npos || line[at] != '#') continue;
    at = line.find_first_not_of(" \t", at + 1);
    if (at == std::string::npos || line.compare(at, 7, "include") != 0) continue;
    const auto open = line.find_first_of("<\"", at);
    if (open == std::string::npos) continue;
    const auto close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    if (close == std::string::npos) continue;
    includes.push_back({line.substr(open + 1, close - open - 1), line[open] == '<', number});
  }
  return includes;
}

std::string Violation(const Rules& rules, const std::string& folder, const Include& include) {
  const auto own = rules.folders.find(folder);
  if (own == rules.folders.end()) return "folder " + folder + " is not in docs/layers.txt";
  if (include.system) return CheckSystem(rules, folder, include.header);
  if (include.header.find('/') == std::string::npos || include.header.starts_with('.')) {
    return "\"" + include.header + "\" does not name its folder";
  }
  const std::string target = FolderOf(include.header);
  if (target == folder || own->second.contains(target) || own->second.contains(include.header)) {
    return {};
  }
  return folder + " may not include \"" + include.header + "\"";
}

}  // namespace cairn::layers
