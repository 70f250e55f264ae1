// What occ prints: maps and lists as indented lines, as JSON or as indented JSON. Pure functions.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace cairn::server {

enum class OutputFormat { kPlain, kJson, kJsonPretty };

// Declares --output=plain|json|json_pretty; `format` must outlive the parsing.
void AddOutputOption(CLI::App& app, OutputFormat& format);

// Plain: one line "  - key: value" for each member, nested ones two blanks further in. Keys keep
// their order.
void Print(OutputFormat format, const boost::json::value& value, std::string& out);

// A list of objects with equal keys: plain output is a table with a header.
void PrintTable(OutputFormat format, const boost::json::array& rows, std::string& out);

// "2026-01-31T12:00:00+00:00"; seconds since 1970.
std::string IsoTime(std::int64_t seconds);
// The reverse, also for a plain date ("2026-01-31"); nullopt: neither.
std::optional<std::int64_t> ParseTime(std::string_view text);

// Text from outside with control characters replaced, so that a name cannot drive the terminal.
std::string Printable(std::string_view text);

}  // namespace cairn::server
