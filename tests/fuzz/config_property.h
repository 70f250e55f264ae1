// What must hold for any settings file.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "conf/load.h"
#include "conf/settings.h"

namespace cairn::fuzz {

inline void CheckRefusal(const std::string& message, std::size_t lines) {
  constexpr std::string_view kName = "f:";
  // Of several documents none is to blame.
  if (message.starts_with("f: more than one")) return;
  CAIRN_CHECK(message.starts_with(kName));
  const std::string_view rest = std::string_view(message).substr(kName.size());
  const auto line = ParseUint(rest.substr(0, rest.find(':')));
  CAIRN_CHECK(line.has_value() && *line >= 1 && *line <= lines + 1);
}

inline void CheckConfig(std::string_view input) {
  conf::Loaded loaded;
  const auto applied = conf::ApplyYaml(input, "f", loaded);
  if (applied.has_error()) {
    CAIRN_CHECK(Is(applied.error(), ErrorCode::kInvalidArgument));
    // What YAML takes for the end of a line.
    const auto breaks =
        std::count_if(input.begin(), input.end(), [](char c) { return c == '\n' || c == '\r'; });
    CheckRefusal(applied.error().message, static_cast<std::size_t>(breaks) + 1);
    return;
  }
  for (const auto& [key, place] : loaded.source) {
    CAIRN_CHECK(conf::FindSetting(key) != nullptr);
    CAIRN_CHECK(place.starts_with("f:"));
  }
  conf::Config again;
  for (const conf::Setting& row : conf::Settings()) {
    const std::string shown = row.get(loaded.config);
    CAIRN_CHECK(row.set(again, shown).has_value());
    CAIRN_CHECK(row.get(again) == shown);
  }
  CAIRN_CHECK(CheckTogether(again).has_value() == CheckTogether(loaded.config).has_value());
}

}  // namespace cairn::fuzz
