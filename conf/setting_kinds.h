// The kinds of values that a setting may have: makers of rows for conf/settings.cc. `field` is a
// generic function from Config to the field, for reading and writing.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/quantity.h"
#include "base/retention.h"
#include "conf/settings.h"

namespace cairn::conf {

// What the rows of all kinds have in common.
struct SettingText {
  std::string key, doc, good, bad;
  bool live = false;
  bool by_command = false;
};

inline Setting RowOf(SettingText text) {
  Setting row;
  row.key = std::move(text.key);
  row.doc = std::move(text.doc);
  row.good = std::move(text.good);
  row.bad = std::move(text.bad);
  row.live = text.live;
  row.by_command = text.by_command;
  return row;
}

inline Error Expected(std::string what) {
  return Fail(ErrorCode::kInvalidArgument, "is not " + std::move(what));
}

template <class Field>
Setting NumberSetting(SettingText text, std::uint64_t least, std::uint64_t most, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    const auto number = ParseUint(value);
    if (!number || *number < least || *number > most) {
      return Expected("a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    auto& target = field(config);
    target = static_cast<std::remove_reference_t<decltype(target)>>(*number);
    return {};
  };
  row.get = [=](const Config& config) { return std::to_string(field(config)); };
  return row;
}

template <class Field>
Setting SizeSetting(SettingText text, std::uint64_t least, std::uint64_t most, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    const auto bytes = ParseSize(value);
    if (!bytes || *bytes < least || *bytes > most)
      return Expected("a size from " + ExactSizeText(least) + " to " + ExactSizeText(most));
    auto& target = field(config);
    target = static_cast<std::remove_reference_t<decltype(target)>>(*bytes);
    return {};
  };
  row.get = [=](const Config& config) { return ExactSizeText(field(config)); };
  return row;
}

// A size of any number of bytes, or `none`: the field is optional.
template <class Field>
Setting OptionalSizeSetting(SettingText text, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    const auto bytes = ParseSize(value);
    if (!bytes && value != "none") return Expected("none or a size as 10 GB");
    field(config) = bytes;
    return {};
  };
  row.get = [=](const Config& config) {
    const auto& bytes = field(config);
    return bytes ? ExactSizeText(*bytes) : std::string("none");
  };
  return row;
}

template <class Field>
Setting RetentionSetting(SettingText text, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    ASSIGN_OR_RETURN(field(config), ParseRetention(value));
    return {};
  };
  row.get = [=](const Config& config) { return RetentionText(field(config)); };
  return row;
}

template <class Field>
Setting DurationSetting(SettingText text, std::chrono::milliseconds least,
                        std::chrono::milliseconds most, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    const auto time = ParseDuration(value);
    if (!time || *time < least || *time > most)
      return Expected("a time from " + DurationText(least) + " to " + DurationText(most));
    field(config) = *time;
    return {};
  };
  row.get = [=](const Config& config) { return DurationText(field(config)); };
  return row;
}

template <class Field>
Setting FlagSetting(SettingText text, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    if (value != "true" && value != "false") return Expected("true or false");
    field(config) = value == "true";
    return {};
  };
  row.get = [=](const Config& config) { return field(config) ? "true" : "false"; };
  return row;
}

// `check`: Result<void>(std::string_view).
template <class Check, class Field>
Setting TextSetting(SettingText text, Check check, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    RETURN_IF_ERROR(check(value));
    field(config) = value;
    return {};
  };
  row.get = [=](const Config& config) { return std::string(field(config)); };
  return row;
}

template <class Field>
Setting PathSetting(SettingText text, Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    if (!value.empty() && !value.starts_with('/')) return Expected("an absolute path");
    field(config) = std::filesystem::path(value);
    return {};
  };
  row.get = [=](const Config& config) { return field(config).string(); };
  return row;
}

template <class Enum, std::size_t kCount, class Field>
Setting ChoiceSetting(SettingText text, std::array<std::pair<std::string_view, Enum>, kCount> names,
                      Field field) {
  Setting row = RowOf(std::move(text));
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    std::string all;
    for (const auto& [name, choice] : names) {
      if (name == value) {
        field(config) = choice;
        return {};
      }
      all.append(all.empty() ? "" : ", ").append(name);
    }
    return Expected("one of " + all);
  };
  row.get = [=](const Config& config) {
    const auto* found = std::find_if(
        names.begin(), names.end(), [&](const auto& name) { return name.second == field(config); });
    return std::string(found->first);
  };
  return row;
}

// `parse`: Result<T>(std::string_view); `print`: std::string(const T&).
template <class Parse, class Print, class Field>
Setting ListSetting(SettingText text, bool may_be_empty, Parse parse, Print print, Field field) {
  Setting row = RowOf(std::move(text));
  row.is_list = true;
  row.set = [=](Config& config, std::string_view value) -> Result<void> {
    std::remove_reference_t<decltype(field(config))> items;
    while (!value.empty()) {
      const std::size_t comma = std::min(value.find(','), value.size());
      ASSIGN_OR_RETURN(auto item, parse(Trim(value.substr(0, comma))));
      items.push_back(std::move(item));
      value.remove_prefix(std::min(comma + 1, value.size()));
    }
    if (items.empty() && !may_be_empty) return Expected("a list of at least one");
    field(config) = std::move(items);
    return {};
  };
  row.get = [=](const Config& config) {
    std::string all;
    for (const auto& item : field(config)) all.append(all.empty() ? "" : ", ").append(print(item));
    return all;
  };
  return row;
}

}  // namespace cairn::conf
