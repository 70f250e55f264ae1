#include "conf/load.h"

#include <unistd.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "conf/settings.h"

namespace cairn::conf {

namespace {

constexpr std::string_view kPrefix = "CAIRN_";
// Variables of ours that are no settings: where the file is, and what the tests read.
constexpr std::array<std::string_view, 4> kOtherVariables = {"CAIRN_CONFIG", "CAIRN_GOLDEN",
                                                             "CAIRN_LONG_TESTS", "CAIRN_JOBS"};
constexpr std::uintmax_t kMaxFile = 1 << 20;

Error At(const std::string& place, std::string_view what) {
  return Fail(ErrorCode::kInvalidArgument, place + ": " + std::string(what));
}

Error UnknownKey(const std::string& place, const std::string& key) {
  const std::string nearest = NearestKey(key);
  return At(place, "there is no setting \"" + key + "\"" +
                       (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

Result<void> Set(Loaded& loaded, const Setting& row, std::string_view value,
                 const std::string& place) {
  auto done = row.set(loaded.config, value);
  if (done.has_error()) {
    // Parsers shared with others say what is expected, the kinds of settings "is not ...".
    const std::string& why = done.error().message;
    const std::string_view is = why.starts_with("is not ") ? " " : " is refused: ";
    return At(place, row.key + ": \"" + std::string(value) + "\"" + std::string(is) + why);
  }
  loaded.source[row.key] = place;
  return {};
}

// Reads one YAML document into a Loaded.
class YamlReader {
 public:
  YamlReader(std::string_view name, Loaded& loaded) : name_(name), loaded_(loaded) {}

  Result<void> Read(const YAML::Node& root) {
    if (root.IsNull()) return {};
    if (!root.IsMap()) return At(PlaceOf(root), "settings are lines of \"key: value\"");
    return ReadMap(root, "");
  }

 private:
  std::string PlaceOf(const YAML::Node& node) const {
    return name_ + ":" + std::to_string(node.Mark().line + 1);
  }

  Result<void> ReadMap(const YAML::Node& map, const std::string& prefix) {
    for (const auto& item : map) {
      if (!item.first.IsScalar()) return At(PlaceOf(item.first), "a key must be a word");
      const std::string key = prefix + item.first.Scalar();
      if (!seen_.insert(key).second) return At(PlaceOf(item.first), "\"" + key + "\" is set twice");
      RETURN_IF_ERROR(ReadValue(key, item.second, PlaceOf(item.first)));
    }
    return {};
  }

  Result<void> ReadValue(const std::string& key, const YAML::Node& value,
                         const std::string& place) {
    if (key == "tls" && value.IsScalar() && value.Scalar() == "self-signed")
      return Set(loaded_, *FindSetting("tls.self_signed"), "true", place);
    const Setting* row = FindSetting(key);
    if (row == nullptr && IsMapName(key)) {
      if (value.IsNull()) return {};
      if (!value.IsMap()) return At(place, "\"" + key + "\" holds settings of its own");
      return ReadMap(value, key + ".");
    }
    if (row == nullptr) return UnknownKey(place, key);
    if (value.IsSequence() && row->is_list) return ReadList(*row, value, place);
    if (value.IsNull()) return Set(loaded_, *row, "", place);
    if (!value.IsScalar())
      return At(place, key + ": one value is expected" + (row->is_list ? ", or a list" : ""));
    return Set(loaded_, *row, value.Scalar(), place);
  }

  Result<void> ReadList(const Setting& row, const YAML::Node& list, const std::string& place) {
    std::string all;
    for (const auto& item : list) {
      if (!item.IsScalar() || item.Scalar().find(',') != std::string::npos)
        return At(PlaceOf(item), row.key + ": a list of single values is expected");
      all.append(all.empty() ? "" : ",").append(item.Scalar());
    }
    return Set(loaded_, row, all, place);
  }

  static bool IsMapName(std::string_view key) {
    for (const Setting& row : Settings()) {
      if (row.key.size() > key.size() && row.key.starts_with(key) && row.key[key.size()] == '.')
        return true;
    }
    return false;
  }

  const std::string name_;
  Loaded& loaded_;
  std::set<std::string> seen_;
};

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return Fail(ErrorCode::kNotFound, path.string() + ": there is no such file");
  if (std::filesystem::file_size(path, error) > kMaxFile && !error)
    return Fail(ErrorCode::kInvalidArgument, path.string() + ": larger than 1 MiB");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || error) return Fail(ErrorCode::kIo, path.string() + ": cannot be read");
  return text.str();
}

Result<void> ApplyEnvironment(const std::map<std::string, std::string>& environment,
                              Loaded& loaded) {
  std::map<std::string, const Setting*> names;
  for (const Setting& row : Settings()) names[row.EnvName()] = &row;
  for (const auto& [name, value] : environment) {
    const auto found = names.find(name);
    if (found != names.end()) {
      RETURN_IF_ERROR(Set(loaded, *found->second, value, name));
    } else if (std::find(kOtherVariables.begin(), kOtherVariables.end(), name) ==
               kOtherVariables.end()) {
      // Not refused: orchestrators put variables of their own beside ours (CAIRN_PORT and others
      // for a Kubernetes service named cairn).
      loaded.warnings.push_back("the variable " + name + " is no setting");
    }
  }
  return {};
}

// Takes no notice of what a document says.
class Deaf final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// Whether there are two documents at least. Not by YAML::LoadAll: before a comma that stands in no
// list it finds one empty document after another, until the memory is used up.
bool HasSeveralDocuments(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Deaf deaf;
  return parser.HandleNextDocument(deaf) && parser.HandleNextDocument(deaf);
}

}  // namespace

Result<void> ApplyYaml(std::string_view text, std::string_view name, Loaded& loaded) {
  try {
    const std::string all(text);
    if (HasSeveralDocuments(all)) return At(std::string(name), "more than one YAML document");
    return YamlReader(name, loaded).Read(YAML::Load(all));
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line;
    return At(std::string(name) + ":" + std::to_string(line + 1), "not YAML: " + error.msg);
  }
}

Result<Loaded> Load(const LoadOptions& options) {
  Loaded loaded;
  if (!options.file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file));
    RETURN_IF_ERROR(ApplyYaml(text, options.file.string(), loaded));
  }
  for (const auto& [key, value] : options.stored) {
    const Setting* row = FindSetting(key);
    // One that an older version knew is left alone.
    if (row == nullptr || !row->by_command) continue;
    RETURN_IF_ERROR(Set(loaded, *row, value, kStoredPlace));
  }
  RETURN_IF_ERROR(ApplyEnvironment(options.environment, loaded));
  for (const auto& [key, value] : options.overrides) {
    const Setting* row = FindSetting(key);
    if (row == nullptr) return UnknownKey("option", key);
    RETURN_IF_ERROR(Set(loaded, *row, value, "option"));
  }
  auto together = CheckTogether(loaded.config);
  if (together.has_error()) {
    const std::string& why = together.error().message;
    const auto source = loaded.source.find(why.substr(0, why.find(':')));
    return At(source == loaded.source.end() ? "settings" : source->second, why);
  }
  return loaded;
}

std::map<std::string, std::string> CairnEnvironment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

}  // namespace cairn::conf
