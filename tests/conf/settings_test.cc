// Every row of the table of settings, without naming one: default, accepted value, refused value
// with its line, override of a file by a variable, documentation.
#include "conf/settings.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "conf/load.h"
#include "tests/support/temp_directory.h"

namespace cairn::conf {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// "limits.connections" and "5" as YAML.
std::string YamlOf(const Setting& row, const std::string& value) {
  const std::string quoted = "\"" + value + "\"";
  const std::size_t dot = row.key.find('.');
  if (dot == std::string::npos) return row.key + ": " + quoted + "\n";
  return row.key.substr(0, dot) + ":\n  " + row.key.substr(dot + 1) + ": " + quoted + "\n";
}

class EverySetting : public testing::TestWithParam<const Setting*> {
 protected:
  const Setting& row_ = *GetParam();
};

TEST_P(EverySetting, HasADefaultThatItAccepts) {
  const Config defaults;
  Config config;
  ASSERT_TRUE(row_.key == "data_dir" || row_.set(config, row_.get(defaults)).has_value());
  EXPECT_EQ(row_.get(config), row_.get(defaults));
  EXPECT_NE(row_.get(defaults), row_.good);
}

TEST_P(EverySetting, IsReadFromYaml) {
  Loaded loaded;
  const auto read = ApplyYaml(YamlOf(row_, row_.good), "f", loaded);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(row_.get(loaded.config), row_.good);
  const bool nested = row_.key.find('.') != std::string::npos;
  EXPECT_EQ(loaded.source.at(row_.key), nested ? "f:2" : "f:1");
  for (const Setting& other : Settings()) {
    if (other.key == row_.key) continue;
    EXPECT_EQ(other.get(loaded.config), other.get(Config()));
  }
}

TEST_P(EverySetting, RefusesABadValueWithItsLine) {
  Loaded loaded;
  const auto read = ApplyYaml("\n# a comment\n" + YamlOf(row_, row_.bad), "cairn.yaml", loaded);
  ASSERT_TRUE(read.has_error());
  const bool nested = row_.key.find('.') != std::string::npos;
  EXPECT_THAT(read.error().message, StartsWith((nested ? "cairn.yaml:4: " : "cairn.yaml:3: ") +
                                               row_.key + ": \"" + row_.bad + "\" is "));
  EXPECT_EQ(row_.get(loaded.config), row_.get(Config()));
}

// What `row` needs beside it, so that the settings go together.
std::map<std::string, std::string> Companions(const Setting& row) {
  std::map<std::string, std::string> variables = {{"CAIRN_DATA_DIR", "/data"}};
  if (row.key == "tls.certificate") variables["CAIRN_TLS_KEY"] = "/k";
  if (row.key == "tls.key") variables["CAIRN_TLS_CERTIFICATE"] = "/c";
  variables.erase(row.EnvName());
  return variables;
}

TEST_P(EverySetting, HasItsDefaultWhenNothingIsSaid) {
  LoadOptions options;
  options.environment = {{"CAIRN_DATA_DIR", "/data"}};
  const auto read = Load(options);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  if (row_.key == "data_dir") return;  // has none
  EXPECT_EQ(row_.get(read->config), row_.get(Config()));
  EXPECT_FALSE(read->source.contains(row_.key));
}

TEST_P(EverySetting, IsOverriddenByItsVariable) {
  const TempDirectory directory;
  LoadOptions options;
  options.file = directory.path() / "cairn.yaml";
  const bool required = row_.key == "data_dir";
  std::ofstream(options.file) << YamlOf(row_, required ? "/from/the/file" : row_.get(Config()));
  options.environment = Companions(row_);
  options.environment[row_.EnvName()] = row_.good;
  auto read = Load(options);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(row_.get(read->config), row_.good);
  EXPECT_EQ(read->source.at(row_.key), row_.EnvName());
  options.environment[row_.EnvName()] = row_.bad;
  read = Load(options);
  ASSERT_TRUE(read.has_error());
  EXPECT_THAT(read.error().message, StartsWith(row_.EnvName() + ": " + row_.key + ": "));
}

TEST_P(EverySetting, IsRefusedInAFileWithItsPlace) {
  const TempDirectory directory;
  LoadOptions options;
  options.file = directory.path() / "cairn.yaml";
  std::ofstream(options.file) << "# first line\n" << YamlOf(row_, row_.bad);
  options.environment = Companions(row_);
  const auto read = Load(options);
  ASSERT_TRUE(read.has_error());
  const std::string line = row_.key.find('.') != std::string::npos ? ":3: " : ":2: ";
  EXPECT_THAT(read.error().message, StartsWith(options.file.string() + line + row_.key + ": "));
}

TEST_P(EverySetting, IsDocumented) {
  EXPECT_FALSE(row_.doc.empty());
  EXPECT_THAT(ExampleYaml(), HasSubstr(row_.EnvName()));
  EXPECT_EQ(FindSetting(row_.key), &row_);
}

std::vector<const Setting*> Rows() {
  std::vector<const Setting*> rows;
  for (const Setting& row : Settings()) rows.push_back(&row);
  return rows;
}
INSTANTIATE_TEST_SUITE_P(Table, EverySetting, testing::ValuesIn(Rows()), [](const auto& row) {
  std::string name = row.param->key;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

TEST(Example, IsTheFileThatIsShipped) {
  std::ifstream in(CAIRN_SOURCE_DIR "/conf/dist/cairn.example.yaml");
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), ExampleYaml()) << "`cairn config:example` prints it";
}

TEST(Example, SaysTheDefaults) {
  Loaded loaded;
  const auto read = ApplyYaml(ExampleYaml(), "example", loaded);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  for (const Setting& row : Settings()) {
    EXPECT_TRUE(loaded.source.contains(row.key)) << row.key;
    if (row.key == "data_dir") continue;
    EXPECT_EQ(row.get(loaded.config), row.get(Config()));
  }
  EXPECT_TRUE(CheckTogether(loaded.config).has_value());
}

TEST(Keys, AreUniqueAndNeverAMapAndAValue) {
  std::set<std::string> keys;
  for (const Setting& row : Settings()) EXPECT_TRUE(keys.insert(row.key).second) << row.key;
  for (const std::string& key : keys)
    EXPECT_FALSE(keys.contains(key.substr(0, key.find('.')) + "."));
}

TEST(Keys, NearOnesAreSuggested) {
  EXPECT_EQ(NearestKey("lisen"), "listen");
  EXPECT_EQ(NearestKey("limits.conections"), "limits.connections");
  EXPECT_EQ(NearestKey("server.public_url"), "public_url");
  EXPECT_EQ(NearestKey("overwrite.cli.nonsense"), "");
  EXPECT_EQ(NearestKey(std::string(10'000, 'x')), "");
}

}  // namespace
}  // namespace cairn::conf
