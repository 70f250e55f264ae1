// The names that occ users know for settings, and how their values translate. A setting is one row.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "conf/config.h"

namespace cairn::server {

struct OccSetting {
  std::string_view app;   // empty: a "system" value
  std::string_view name;  // "overwrite.cli.url"
  std::string_view key;   // ours, as in conf/settings.h
  // Null: the same text in both worlds. From occ's value to ours (kInvalidArgument), and back.
  Result<std::string> (*to_ours)(std::string_view value) = nullptr;
  std::string (*from_ours)(std::string_view value) = nullptr;
};

std::span<const OccSetting> OccSettings();

// The row for a name; a key of ours stands for itself among the system values. nullopt: neither.
std::optional<OccSetting> FindOccSetting(std::string_view app, std::string_view name);

}  // namespace cairn::server
