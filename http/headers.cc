#include "http/headers.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::http {

std::string_view Headers::Get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (EqualsIgnoreCase(field.first, name)) return field.second;
  }
  return {};
}

bool Headers::Has(std::string_view name) const {
  for (const Field& field : fields_) {
    if (EqualsIgnoreCase(field.first, name)) return true;
  }
  return false;
}

std::string Headers::Joined(std::string_view name) const {
  std::string out;
  bool first = true;
  for (const Field& field : fields_) {
    if (!EqualsIgnoreCase(field.first, name)) continue;
    if (!first) out += ", ";
    out += field.second;
    first = false;
  }
  return out;
}

void Headers::Add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

void Headers::Set(std::string_view name, std::string_view value) {
  const auto same = [&](const Field& field) { return EqualsIgnoreCase(field.first, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) {
    fields_.emplace_back(name, value);
    return;
  }
  first->second = value;
  fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

void Headers::Remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return EqualsIgnoreCase(field.first, name); });
}

}  // namespace cairn::http
