// Header fields: an ordered multimap with case-insensitive names. Values are bytes as received,
// trimmed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::http {

class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  // The first value; empty when absent. Valid until the headers change.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  // All values of the name, joined by ", " (RFC 9110 section 5.3).
  std::string Joined(std::string_view name) const;
  void Add(std::string_view name, std::string_view value);
  // Replaces every field of the name.
  void Set(std::string_view name, std::string_view value);
  void Remove(std::string_view name);
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

}  // namespace cairn::http
