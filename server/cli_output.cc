#include "server/cli_output.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include "base/bytes.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

std::string Text(const json::value& value) {
  if (value.is_string()) return Printable(std::string_view(value.get_string()));
  if (value.is_null()) return {};
  return json::serialize(value);
}

void PrintPlain(const json::value& value, const std::string& prefix, std::string& out) {
  const auto line = [&](std::string_view key, const json::value& item) {
    const bool nested = item.is_object() || item.is_array();
    out.append(prefix).append(Printable(key));
    if (!key.empty()) out.append(nested ? ":" : ": ");
    if (!nested) out.append(Text(item));
    out.append("\n");
    if (nested) PrintPlain(item, "  " + prefix, out);
  };
  if (const auto* object = value.if_object()) {
    for (const auto& [key, item] : *object) line(key, item);
  } else if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const json::value& item = (*array)[i];
      const bool nested = item.is_object() || item.is_array();
      line(nested ? std::to_string(i) : std::string(), item);
    }
  } else {
    out.append(Text(value)).append("\n");
  }
}

void PrintPretty(const json::value& value, std::size_t depth, std::string& out) {
  const std::string inner((depth + 1) * 4, ' ');
  const std::string outer(depth * 4, ' ');
  const auto members = [&](const auto& container, char open, char close, const auto& print) {
    if (container.empty()) return void(out.append(1, open).append(1, close));
    out.append(1, open);
    bool first = true;
    for (const auto& member : container) {
      out.append(first ? "\n" : ",\n").append(inner);
      first = false;
      print(member);
    }
    out.append("\n").append(outer).append(1, close);
  };
  if (const auto* object = value.if_object()) {
    members(*object, '{', '}', [&](const json::key_value_pair& member) {
      out.append(json::serialize(json::value(member.key()))).append(": ");
      PrintPretty(member.value(), depth + 1, out);
    });
  } else if (const auto* array = value.if_array()) {
    members(*array, '[', ']',
            [&](const json::value& member) { PrintPretty(member, depth + 1, out); });
  } else {
    out.append(json::serialize(value));
  }
}

using Cells = std::vector<std::string>;

void PrintRow(const Cells& cells, const std::vector<std::size_t>& widths, std::string& out) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out.append("| ").append(cells[i]).append(widths[i] - cells[i].size() + 1, ' ');
  }
  out.append("|\n");
}

void PrintRule(const std::vector<std::size_t>& widths, std::string& out) {
  for (const std::size_t width : widths) out.append("+").append(width + 2, '-');
  out.append("+\n");
}

}  // namespace

void AddOutputOption(CLI::App& app, OutputFormat& format) {
  static const std::map<std::string, OutputFormat> kNames = {
      {"plain", OutputFormat::kPlain},
      {"json", OutputFormat::kJson},
      {"json_pretty", OutputFormat::kJsonPretty}};
  auto set = [&format](const std::string& name) {
    const auto found = kNames.find(name);
    if (found == kNames.end())
      throw CLI::ValidationError("--output", "one of plain, json, json_pretty");
    format = found->second;
  };
  app.add_option_function<std::string>("--output", set,
                                       "Output format (plain, json or json_pretty)");
}

void Print(OutputFormat format, const json::value& value, std::string& out) {
  switch (format) {
    case OutputFormat::kPlain:
      return PrintPlain(value, "  - ", out);
    case OutputFormat::kJson:
      out.append(json::serialize(value)).append("\n");
      return;
    case OutputFormat::kJsonPretty:
      PrintPretty(value, 0, out);
      out.append("\n");
      return;
  }
}

void PrintTable(OutputFormat format, const json::array& rows, std::string& out) {
  if (format != OutputFormat::kPlain) return Print(format, rows, out);
  if (rows.empty()) return;
  std::vector<Cells> lines(1);
  for (const auto& [key, value] : rows.front().as_object()) lines.front().emplace_back(key);
  for (const json::value& row : rows) {
    Cells& cells = lines.emplace_back();
    for (const auto& [key, value] : row.as_object()) cells.push_back(Text(value));
  }
  std::vector<std::size_t> widths(lines.front().size());
  for (const Cells& cells : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  }
  PrintRule(widths, out);
  PrintRow(lines.front(), widths, out);
  PrintRule(widths, out);
  for (std::size_t i = 1; i < lines.size(); ++i) PrintRow(lines[i], widths, out);
  PrintRule(widths, out);
}

std::string IsoTime(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d+00:00",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text;
}

std::optional<std::int64_t> ParseTime(std::string_view text) {
  using namespace std::chrono;
  const auto number = [&](std::size_t at, std::size_t length) -> std::optional<unsigned> {
    if (text.size() < at + length) return std::nullopt;
    const auto value = ParseUint(text.substr(at, length));
    return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
  };
  const auto y = number(0, 4), m = number(5, 2), d = number(8, 2);
  if (!y || !m || !d || text[4] != '-' || text[7] != '-') return std::nullopt;
  const year_month_day date(year(static_cast<int>(*y)), month(*m), day(*d));
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = sys_seconds(sys_days(date)).time_since_epoch().count();
  if (text.size() == 10) return midnight;
  const auto hours = number(11, 2), minutes = number(14, 2), seconds = number(17, 2);
  const std::string_view zone = text.size() > 19 ? text.substr(19) : std::string_view();
  const bool utc = zone.empty() || zone == "Z" || zone == "+00:00";
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59 || !utc)
    return std::nullopt;
  if ((text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  return midnight + *hours * 3600 + *minutes * 60 + *seconds;
}

std::string Printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

}  // namespace cairn::server
