// A JSON object written by hand, for lines of a log: every line is valid, and one line, whatever
// the bytes of the value.
#pragma once

#include <string>
#include <string_view>

namespace cairn {

// Appends "name":"value" to the object begun in `out`, with a comma if it is not the first. What is
// not printable ASCII is written as \u00XX of its byte.
void AppendJsonField(std::string& out, std::string_view name, std::string_view value);

}  // namespace cairn
