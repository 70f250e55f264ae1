#include "tests/support/metrics_text.h"

#include <cstdlib>
#include <regex>
#include <sstream>

namespace cairn {
namespace {

// The family that a sample of this name belongs to.
std::string FamilyOf(const MetricsText& metrics, const std::string& name) {
  if (metrics.types.contains(name)) return name;
  for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const std::string family = name.substr(0, name.size() - suffix.size());
    const auto type = metrics.types.find(family);
    if (type != metrics.types.end() && type->second == "histogram") return family;
  }
  return {};
}

std::string CheckSample(MetricsText& metrics, const std::string& line) {
  static const std::regex kSample(
      R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+))");
  std::smatch parts;
  if (!std::regex_match(line, parts, kSample)) return "not a sample";
  const std::string name = parts[1];
  const std::string family = FamilyOf(metrics, name);
  if (family.empty()) return "a sample without a type";
  if (metrics.types[family] == "counter" && !name.ends_with("_total"))
    return "a counter that does not end in _total";
  char* end = nullptr;
  const std::string number = parts[3];
  const double value = std::strtod(number.c_str(), &end);
  if (*end != '\0') return "not a number";
  if (!metrics.values.emplace(name + parts[2].str(), value).second) return "a series comes twice";
  return {};
}

// Buckets come in order, directly one after the other.
std::string CheckBuckets(std::string_view text) {
  static const std::regex kBucket(R"re((\w+)_bucket\{(.*?),?le="([^"]+)"\} (\S+))re");
  std::istringstream lines{std::string(text)};
  std::string series;
  double last = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, kBucket)) continue;
    const std::string now = parts[1].str() + "{" + parts[2].str();
    const double value = std::strtod(parts[4].str().c_str(), nullptr);
    if (now == series && value < last) return line + ": fewer than in the bucket before";
    series = now;
    last = value;
    if (parts[3] != "+Inf") continue;
    const std::string labels = parts[2].length() == 0 ? "" : "{" + parts[2].str() + "}";
    const std::string count = parts[1].str() + "_count" + labels + " " + parts[4].str() + "\n";
    if (text.find(count) == std::string_view::npos) return line + ": the count differs";
  }
  return {};
}

}  // namespace

double MetricsText::Value(const std::string& series) const {
  const auto found = values.find(series);
  return found == values.end() ? -1 : found->second;
}

MetricsText ReadMetrics(std::string_view text) {
  MetricsText metrics;
  if (!text.ends_with('\n')) metrics.error = "no line end at the end";
  static const std::regex kHelp(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+)");
  static const std::regex kType(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
  std::istringstream lines{std::string(text)};
  std::string helped;
  for (std::string line; std::getline(lines, line) && metrics.error.empty();) {
    std::smatch parts;
    std::string wrong;
    if (std::regex_match(line, parts, kHelp)) {
      helped = parts[1];
    } else if (std::regex_match(line, parts, kType)) {
      if (parts[1] != helped) wrong = "a type without a help";
      if (!metrics.types.emplace(parts[1], parts[2]).second) wrong = "a family comes twice";
    } else {
      wrong = CheckSample(metrics, line);
    }
    if (!wrong.empty()) metrics.error = line + ": " + wrong;
  }
  if (metrics.error.empty()) metrics.error = CheckBuckets(text);
  return metrics;
}

}  // namespace cairn
