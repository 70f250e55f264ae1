// The table of settings: one row per key of the configuration. Everything that is said about a key
// (how it is read, what it may be, how it is documented and tested) is in its row.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "conf/config.h"

namespace cairn::conf {

struct Setting {
  std::string key;          // "limits.connections": a map and a key in it
  std::string doc;          // lines for the example file, without '#'
  bool is_list = false;     // values are separated by commas; in YAML also a sequence
  bool live = false;        // taken up at SIGHUP; else at the next start
  bool by_command = false;  // config:system:set may change it; the data directory keeps such values
  std::string good;  // an accepted value that is not the default; for documentation and tests
  std::string bad;   // a refused one
  // kInvalidArgument: says what is expected, without the key's name.
  std::function<Result<void>(Config&, std::string_view)> set;
  std::function<std::string(const Config&)> get;  // `set` takes it again

  // The variable that overrides the key: "CAIRN_LIMITS_CONNECTIONS".
  std::string EnvName() const;
};

std::span<const Setting> Settings();
// nullptr: no such key.
const Setting* FindSetting(std::string_view key);
// The key that was probably meant, empty if none is near.
std::string NearestKey(std::string_view key);

// conf/dist/cairn.example.yaml: every key with its default and what it does.
std::string ExampleYaml();

}  // namespace cairn::conf
