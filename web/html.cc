#include "web/html.h"

#include <cstdio>
#include <iterator>

namespace cairn::web {

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Form::Form(std::string_view action, std::string_view request_token)
    : id_(std::to_string(std::hash<std::string_view>()(action) % 100'000)) {
  html_ = "<form method=\"post\" action=\"" + Escape(action) + "\">\n";
  Hidden("requesttoken", request_token);
}

Form& Form::Hidden(std::string_view name, std::string_view value) {
  html_ +=
      "<input type=\"hidden\" name=\"" + Escape(name) + "\" value=\"" + Escape(value) + "\">\n";
  return *this;
}

Form& Form::Input(const Field& field) {
  const std::string id = Escape(field.name) + "-" + id_;
  html_ += "<label for=\"" + id + "\">" + Escape(field.label) + "</label>\n<input id=\"" + id +
           "\" name=\"" + Escape(field.name) + "\" type=\"" + Escape(field.type) +
           "\" autocomplete=\"" + Escape(field.autocomplete) + "\"";
  if (!field.value.empty()) html_ += " value=\"" + Escape(field.value) + "\"";
  if (field.required) html_ += " required";
  if (!field.hint.empty()) html_ += " aria-describedby=\"" + id + "-hint\"";
  html_ += ">\n";
  if (!field.hint.empty())
    html_ += "<p class=\"hint\" id=\"" + id + "-hint\">" + Escape(field.hint) + "</p>\n";
  return *this;
}

Form& Form::Button(std::string_view label, std::string_view about, std::string_view name,
                   std::string_view value) {
  html_ += "<button type=\"submit\"";
  if (!about.empty()) html_ += " aria-label=\"" + Escape(about) + "\"";
  if (!name.empty()) html_ += " name=\"" + Escape(name) + "\" value=\"" + Escape(value) + "\"";
  html_ += ">" + Escape(label) + "</button>\n";
  return *this;
}

std::string Form::End() && { return std::move(html_) + "</form>\n"; }

std::string Table(std::string_view caption, const std::vector<std::string_view>& columns,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<table>\n<caption>" + Escape(caption) + "</caption>\n<thead><tr>";
  for (const auto column : columns) html += "<th scope=\"col\">" + Escape(column) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + cell + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table>\n";
}

std::string Notice(std::string_view text, bool alert) {
  if (text.empty()) return {};
  return std::string("<p class=\"") + (alert ? "alert" : "done") + "\" role=\"" +
         (alert ? "alert" : "status") + "\">" + Escape(text) + "</p>\n";
}

std::string SizeText(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  char text[40];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

}  // namespace cairn::web
