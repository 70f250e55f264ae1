// From a YAML file, the environment and the command line to a Config.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conf/config.h"

namespace cairn::conf {

inline constexpr const char* kStoredPlace = "config:system:set";

struct LoadOptions {
  std::filesystem::path file;                      // empty = no file
  std::map<std::string, std::string> stored;       // what config:system:set has set, by key
  std::map<std::string, std::string> environment;  // variables that begin with CAIRN_
  std::vector<std::pair<std::string, std::string>> overrides;  // key and value; come last
};

struct Loaded {
  Config config;
  std::map<std::string, std::string> source;  // key -> "file:line", kStoredPlace, a variable's name
                                              // or "option"; no entry = default
  std::vector<std::string> warnings;          // variables that look like settings and are none
};

// Defaults, then the file, then `stored`, then the environment, then `overrides`. kInvalidArgument:
// the message begins with the place ("/etc/cairn/cairn.yaml:12: "). kNotFound, kIo: the file cannot
// be read.
Result<Loaded> Load(const LoadOptions& options);

// The part of Load that reads YAML: `text` changes `loaded`. `name` stands before line numbers.
Result<void> ApplyYaml(std::string_view text, std::string_view name, Loaded& loaded);

// The variables of this process that begin with CAIRN_.
std::map<std::string, std::string> CairnEnvironment();

}  // namespace cairn::conf
