#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "conf/settings.h"
#include "server/occ_settings.h"
#include "server/stored_settings.h"
#include "tests/server/cli_case.h"

namespace cairn::server {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class CliConfigTest : public CliCase {
 protected:
  std::string Value(const std::string& name) {
    const Said said = Run({"config:system:get", name});
    return said.exit == 0 ? said.out.substr(0, said.out.size() - 1) : "none";
  }
};

TEST_F(CliConfigTest, ListShowsEverySettingAndItsSource) {
  const json::value all = json::parse(Run({"config:list", "--output=json"}).out);
  const auto& system = all.at("system").as_object();
  EXPECT_EQ(system.size(), conf::Settings().size());
  EXPECT_EQ(system.at("data_dir"), "/d");
  const json::value sources =
      json::parse(Run({"config:list", "system", "--show-source", "--output=json"}).out);
  EXPECT_EQ(sources.at("system").at("data_dir").at("source"), "option");
  EXPECT_EQ(sources.at("system").at("log.level").at("source"), "default");
  EXPECT_EQ(Run({"config:list", "nonsense"}).exit, 1);
}

TEST_F(CliConfigTest, OccNamesTranslate) {
  EXPECT_EQ(Value("loglevel"), "1");
  EXPECT_EQ(Run({"config:system:set", "loglevel", "--value=2", "--type=integer"}).out,
            "System config value loglevel set to integer 2\n");
  EXPECT_EQ(Value("loglevel"), "2");
  EXPECT_EQ(Value("log.level"), "warn");
  EXPECT_EQ(config_.Now()->config.log.level, conf::LogLevel::kWarn) << "taken up at once";
  EXPECT_EQ(Run({"config:system:delete", "loglevel"}).out,
            "System config value loglevel deleted\n");
  EXPECT_EQ(Value("loglevel"), "1");
  EXPECT_EQ(Value("datadirectory"), "/d");
}

TEST_F(CliConfigTest, RetentionHasTheNamesAndValuesOfOcc) {
  for (const std::string name : {"trashbin", "versions"}) {
    const std::string occ = name + "_retention_obligation";
    const std::string own = (name == "trashbin" ? "trash" : name) + ".retention";
    EXPECT_EQ(Value(occ), "auto");
    EXPECT_EQ(Run({"config:system:set", occ, "--value=30,AUTO"}).out,
              "System config value " + occ + " set to string 30,AUTO\n");
    EXPECT_EQ(Value(occ), "30, auto");
    EXPECT_EQ(Value(own), "30, auto");
    EXPECT_THAT(Run({"config:system:set", occ, "--value=90, 30"}).err,
                HasSubstr("\"90, 30\" is refused: is not in order"));
    EXPECT_THAT(Run({"config:system:set", occ, "--value=30"}).err, HasSubstr("\"30, auto\""));
    EXPECT_EQ(Value(occ), "30, auto") << "refused, so nothing changes";
  }
  EXPECT_EQ(config_.Now()->config.trash.retention, *ParseRetention("30, auto")) << "at once";
  EXPECT_EQ(config_.Now()->config.versions.retention, *ParseRetention("30, auto"));
  EXPECT_EQ(Run({"config:system:delete", "trashbin_retention_obligation"}).exit, 0);
  EXPECT_EQ(config_.Now()->config.trash.retention, Retention());
}

TEST_F(CliConfigTest, TheDefaultQuotaIsASettingOfTheAppFiles) {
  const std::vector<std::string> get = {"config:app:get", "files", "default_quota"};
  const auto set = [&](const std::string& value) {
    return Run({"config:app:set", "files", "default_quota", "--value=" + value});
  };
  EXPECT_EQ(Run(get).out, "none\n");
  EXPECT_EQ(set("5 GB").exit, 0);
  EXPECT_EQ(Run(get).out, "5 GB\n");
  EXPECT_EQ(Value("quota.default"), "5 GB");
  EXPECT_EQ(config_.Now()->config.quota.default_bytes, std::uint64_t{5} << 30) << "at once";
  for (const char* bad : {"lots", "-1", "default", "5 XB"}) {
    EXPECT_THAT(set(bad).err, HasSubstr("is not none or a size")) << bad;
    EXPECT_EQ(Run(get).out, "5 GB\n");
  }
  EXPECT_EQ(set("0 B").exit, 0);
  EXPECT_EQ(config_.Now()->config.quota.default_bytes, std::uint64_t{0}) << "a limit, not none";
  EXPECT_EQ(set("none").exit, 0);
  EXPECT_EQ(config_.Now()->config.quota.default_bytes, std::nullopt);
  EXPECT_EQ(Run({"config:system:get", "default_quota"}).exit, 1) << "no system value";
}

TEST_F(CliConfigTest, WhoIsShownToWhomIsTakenUpAtOnce) {
  EXPECT_EQ(Run({"config:system:set", "sharing.search", "--value=exact"}).exit, 0);
  EXPECT_EQ(config_.Now()->config.sharing.search, conf::SearchScope::kExact);
  EXPECT_EQ(Run({"config:system:set", "sharing.minSearchStringLength", "--value=3"}).exit, 0);
  EXPECT_EQ(config_.Now()->config.sharing.min_search_length, 3u);
  EXPECT_EQ(Value("sharing.min_search_length"), "3");
}

TEST_F(CliConfigTest, EveryOccNameLeadsToASetting) {
  for (const OccSetting& row : OccSettings())
    EXPECT_NE(conf::FindSetting(row.key), nullptr) << row.name;
}

TEST_F(CliConfigTest, ListsAreChangedByIndex) {
  EXPECT_EQ(Run({"config:system:set", "trusted_proxies", "0", "--value=10.0.0.0/8"}).exit, 0);
  EXPECT_EQ(Run({"config:system:set", "trusted_proxies", "1", "--value=::1"}).exit, 0);
  EXPECT_EQ(Run({"config:system:get", "trusted_proxies", "1"}).out, "::1\n");
  EXPECT_EQ(Value("trusted_proxies"), "10.0.0.0/8, ::1");
  EXPECT_THAT(Run({"config:system:set", "trusted_proxies", "5", "--value=::1"}).err,
              HasSubstr("has 2 values"));
  EXPECT_EQ(Run({"config:system:delete", "trusted_proxies", "0"}).exit, 0);
  EXPECT_EQ(Value("trusted_proxies"), "::1");
  EXPECT_EQ(Run({"config:system:get", "trusted_proxies", "7"}).exit, 1);
  EXPECT_EQ(Run({"config:system:get", "loglevel", "0"}).exit, 1) << "no list";
}

TEST_F(CliConfigTest, BadValuesAreRefusedAndNothingChanges) {
  EXPECT_THAT(Run({"config:system:set", "log.level", "--value=loud"}).err,
              HasSubstr("\"loud\" is refused: is not one of debug, info, warn, error"));
  EXPECT_THAT(Run({"config:system:set", "loglevel", "--value=9"}).err, HasSubstr("from 0 (debug)"));
  EXPECT_THAT(Run({"config:system:set", "overwrite.cli.url", "--value=ftp://x"}).err,
              HasSubstr("is refused"));
  EXPECT_EQ(Value("loglevel"), "1");
  EXPECT_EQ(Value("overwrite.cli.url"), "");
}

TEST_F(CliConfigTest, WhatOnlyTheFileMaySayIsRefused) {
  EXPECT_THAT(Run({"config:system:set", "datadirectory", "--value=/x"}).err,
              HasSubstr("set in the configuration file or by CAIRN_DATA_DIR"));
  EXPECT_EQ(Run({"config:system:delete", "storage.reserve"}).exit, 1);
}

TEST_F(CliConfigTest, UnknownNamesAreRefusedWithASuggestion) {
  EXPECT_THAT(Run({"config:system:get", "loglevl"}).err, HasSubstr("did you mean \"log.level\"?"));
  EXPECT_EQ(Run({"config:system:get", "nonsense", "--default-value=x"}).out, "x\n");
  EXPECT_THAT(Run({"config:app:get", "files", "nonsense"}).err, HasSubstr("of the app \"files\""));
  EXPECT_EQ(Run({"config:system:set", "nonsense", "--value=1"}).exit, 1);
  EXPECT_EQ(Run({"config:system:delete", "nonsense"}).exit, 0) << "as occ does";
  EXPECT_EQ(Run({"config:system:delete", "nonsense", "--error-if-not-exists"}).exit, 1);
}

TEST_F(CliConfigTest, MaintenanceModeSaysWhatOccSays) {
  EXPECT_EQ(Run({"maintenance:mode"}).out, "Maintenance mode is currently disabled\n");
  EXPECT_EQ(Run({"maintenance:mode", "--on"}).out, "Maintenance mode enabled\n");
  EXPECT_EQ(Run({"maintenance:mode", "--on"}).out, "Maintenance mode already enabled\n");
  EXPECT_TRUE(config_.Now()->config.maintenance);
  EXPECT_EQ(Run({"maintenance:mode", "--off"}).out, "Maintenance mode disabled\n");
  EXPECT_FALSE(config_.Now()->config.maintenance);
  EXPECT_EQ(Run({"maintenance:mode", "--on", "--off"}).exit, 1);
}

TEST_F(CliConfigTest, ARestartReadsWhatACommandHasSet) {
  ASSERT_EQ(Run({"config:system:set", "public_url", "--value=https://c.example/sub"}).exit, 0);
  EXPECT_EQ(config_.Now()->config.public_url, "") << "waits for the next start";
  conf::LoadOptions options;
  options.overrides = {{"data_dir", "/d"}};
  options.stored = *StoredSettings(engine_.kv()).All();
  EXPECT_EQ(conf::Load(options)->config.public_url, "https://c.example/sub");
}

}  // namespace
}  // namespace cairn::server
