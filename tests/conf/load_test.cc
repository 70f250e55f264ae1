#include "conf/load.h"

#include <gmock/gmock.h>

#include <fstream>

#include "conf/settings.h"
#include "tests/support/temp_directory.h"

namespace cairn::conf {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The error of reading `yaml`, or "accepted".
std::string Refusal(std::string_view yaml) {
  Loaded loaded;
  const auto read = ApplyYaml(yaml, "f", loaded);
  return read.has_error() ? read.error().message : "accepted";
}

Result<Loaded> LoadText(const std::string& yaml, std::map<std::string, std::string> env = {}) {
  const TempDirectory directory;
  LoadOptions options;
  options.file = directory.path() / "cairn.yaml";
  std::ofstream(options.file) << yaml;
  options.environment = std::move(env);
  return Load(options);
}

TEST(Yaml, UnknownKeysAreRefusedWithASuggestion) {
  EXPECT_EQ(Refusal("data_dir: /d\nlisen: 127.0.0.1:80\n"),
            "f:2: there is no setting \"lisen\"; did you mean \"listen\"?");
  EXPECT_EQ(Refusal("limits:\n  conections: 5\n"),
            "f:2: there is no setting \"limits.conections\"; did you mean \"limits.connections\"?");
  EXPECT_EQ(Refusal("completely_else: 1\n"), "f:1: there is no setting \"completely_else\"");
}

TEST(Yaml, WrongShapesAreRefused) {
  EXPECT_THAT(Refusal("listen: 127.0.0.1:80\nlisten: 127.0.0.1:81\n"),
              "f:2: \"listen\" is set twice");
  EXPECT_THAT(Refusal("limits: 5\n"), "f:1: \"limits\" holds settings of its own");
  EXPECT_THAT(Refusal("public_url: [a, b]\n"), "f:1: public_url: one value is expected");
  EXPECT_THAT(Refusal("listen: {a: b}\n"), "f:1: listen: one value is expected, or a list");
  EXPECT_THAT(Refusal("listen:\n  - 127.0.0.1:80\n  - [x]\n"), StartsWith("f:3: listen: "));
  EXPECT_THAT(Refusal("- a\n- b\n"), "f:1: settings are lines of \"key: value\"");
  EXPECT_THAT(Refusal("just text"), StartsWith("f:1: settings are lines"));
  EXPECT_THAT(Refusal("? [a, b]\n: c\n"), "f:1: a key must be a word");
  EXPECT_THAT(Refusal("a: b\n---\nc: d\n"), HasSubstr("more than one YAML document"));
  EXPECT_THAT(Refusal("a: [b\nc: d\n"), HasSubstr("not YAML"));
  EXPECT_THAT(Refusal("a: b\n\tc: d\n"), StartsWith("f:2: not YAML"));
  EXPECT_THAT(Refusal(std::string(100'000, '[')), HasSubstr("not YAML"));
  EXPECT_THAT(Refusal("listen: [\"127.0.0.1:80,127.0.0.1:81\"]"), HasSubstr("single values"));
}

TEST(Yaml, NothingIsADefault) {
  EXPECT_EQ(Refusal(""), "accepted");
  EXPECT_EQ(Refusal("# only a comment\n"), "accepted");
  EXPECT_EQ(Refusal("limits:\n"), "accepted");
}

TEST(Yaml, ListsAreSequencesOrCommas) {
  Loaded loaded;
  ASSERT_TRUE(
      ApplyYaml("listen:\n  - 127.0.0.1:80\n  - https://[::1]:443\n", "f", loaded).has_value());
  ASSERT_EQ(loaded.config.listen.size(), 2u);
  EXPECT_TRUE(loaded.config.listen[1].tls);
  EXPECT_EQ(loaded.config.listen[1].host, "::1");
}

TEST(Yaml, TlsMayBeOneWord) {
  Loaded loaded;
  ASSERT_TRUE(ApplyYaml("tls: self-signed\n", "f", loaded).has_value());
  EXPECT_TRUE(loaded.config.tls.self_signed);
  EXPECT_THAT(Refusal("tls: on\n"), HasSubstr("holds settings of its own"));
}

TEST(Load, LaterSourcesWin) {
  const auto from_file = LoadText("data_dir: /file\nlimits: {connections: 1}\n");
  ASSERT_TRUE(from_file.has_value()) << from_file.error().message;
  EXPECT_EQ(from_file->config.data_dir, "/file");
  const auto with_env = LoadText("data_dir: /file\nlimits: {connections: 1}\n",
                                 {{"CAIRN_DATA_DIR", "/env"}, {"CAIRN_LIMITS_CONNECTIONS", "2"}});
  EXPECT_EQ(with_env->config.data_dir, "/env");
  EXPECT_EQ(with_env->config.limits.connections, 2u);
  const auto with_option = Load({.file = {},
                                 .stored = {},
                                 .environment = {{"CAIRN_DATA_DIR", "/env"}},
                                 .overrides = {{"data_dir", "/option"}}});
  EXPECT_EQ(with_option->config.data_dir, "/option");
  EXPECT_EQ(with_option->source.at("data_dir"), "option");
}

TEST(Load, StoredValuesComeAfterTheFile) {
  const TempDirectory directory;
  LoadOptions options;
  options.file = directory.path() / "cairn.yaml";
  std::ofstream(options.file) << "data_dir: /d\nlog: {level: warn}\n";
  options.stored = {{"log.level", "error"}, {"of.an.older.version", "1"}, {"data_dir", "/stored"}};
  auto loaded = Load(options);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->config.log.level, LogLevel::kError);
  EXPECT_EQ(loaded->source.at("log.level"), kStoredPlace);
  EXPECT_EQ(loaded->config.data_dir, "/d") << "not to be changed by a command";
  options.environment["CAIRN_LOG_LEVEL"] = "debug";
  EXPECT_EQ(Load(options)->config.log.level, LogLevel::kDebug);
}

TEST(Load, WhatDoesNotBelongTogetherIsRefusedAtItsPlace) {
  const auto refusal = [](const std::string& yaml) {
    const auto loaded = LoadText(yaml);
    return loaded.has_error() ? loaded.error().message : "accepted";
  };
  EXPECT_THAT(refusal("limits:\n"), "settings: data_dir: not set");
  EXPECT_THAT(refusal("data_dir: /d\nlisten: https://0.0.0.0:443\n"),
              HasSubstr("cairn.yaml:2: listen: https needs tls.certificate"));
  EXPECT_THAT(refusal("data_dir: /d\ntls:\n  certificate: /c\n"),
              HasSubstr(":3: tls.certificate: needs tls.key"));
  EXPECT_THAT(refusal("data_dir: /d\ntls: {certificate: /c, key: /k, self_signed: true}\n"),
              HasSubstr("tls.self_signed: not together"));
  EXPECT_EQ(refusal("data_dir: /d\ntls: self-signed\nlisten: https://0.0.0.0:443\n"), "accepted");
}

TEST(Load, AMissingFileIsSaid) {
  const auto loaded =
      Load({.file = "/nonexistent/cairn.yaml", .stored = {}, .environment = {}, .overrides = {}});
  ASSERT_TRUE(loaded.has_error());
  EXPECT_TRUE(Is(loaded.error(), ErrorCode::kNotFound));
}

TEST(Load, StrangeVariablesAreToldNotRefused) {
  const auto loaded = Load({.file = {},
                            .stored = {},
                            .environment = {{"CAIRN_DATA_DIR", "/d"},
                                            {"CAIRN_PORT", "tcp://10.0.0.1:80"},
                                            {"CAIRN_CONFIG", "/etc/cairn/cairn.yaml"}},
                            .overrides = {}});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(loaded->warnings, testing::ElementsAre(HasSubstr("CAIRN_PORT")));
}

TEST(Load, UnknownOverridesAreRefused) {
  const auto loaded =
      Load({.file = {}, .stored = {}, .environment = {}, .overrides = {{"data-dir", "/d"}}});
  ASSERT_TRUE(loaded.has_error());
  EXPECT_EQ(loaded.error().message,
            "option: there is no setting \"data-dir\"; did you mean \"data_dir\"?");
}

}  // namespace
}  // namespace cairn::conf
