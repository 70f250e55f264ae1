#include "server/process_log.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "tests/support/temp_directory.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;

class ProcessLogTest : public testing::Test {
 protected:
  ~ProcessLogTest() override { spdlog::set_default_logger(before_); }

  std::vector<std::string> Lines() const {
    std::ifstream in(settings_.file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  const TempDirectory directory_;
  conf::Log settings_{.level = conf::LogLevel::kInfo,
                      .format = conf::LogFormat::kText,
                      .file = directory_.path() / "log",
                      .requests = true};
  ProcessLog log_;
};

TEST_F(ProcessLogTest, LevelsAreKept) {
  ASSERT_TRUE(log_.Apply(settings_).has_value());
  log::debug("quiet");
  log::info("said");
  settings_.level = conf::LogLevel::kError;
  ASSERT_TRUE(log_.Apply(settings_).has_value());
  log::warn("quiet");
  log::error("loud");
  ASSERT_EQ(Lines().size(), 2u);
  EXPECT_THAT(Lines()[0], HasSubstr("info said"));
  EXPECT_THAT(Lines()[1], HasSubstr("error loud"));
}

TEST_F(ProcessLogTest, JsonLinesAreValidWhateverIsSaid) {
  settings_.format = conf::LogFormat::kJson;
  ASSERT_TRUE(log_.Apply(settings_).has_value());
  log::info("a \"quoted\" line\nand \x01\xff more");
  log::info("request {}", R"({"id":"r1","status":200})");
  ASSERT_EQ(Lines().size(), 2u);
  const auto first = boost::json::parse(Lines()[0]);
  EXPECT_EQ(first.at("level"), "info");
  EXPECT_THAT(std::string(first.at("message").as_string()), HasSubstr("\"quoted\" line\nand"));
  EXPECT_EQ(boost::json::parse(Lines()[1]).at("request").at("status"), 200);
}

TEST_F(ProcessLogTest, ARotatedFileIsOpenedAnew) {
  ASSERT_TRUE(log_.Apply(settings_).has_value());
  log::info("before");
  std::filesystem::rename(settings_.file, settings_.file.string() + ".1");
  ASSERT_TRUE(log_.Apply(settings_).has_value());
  log::info("after");
  ASSERT_EQ(Lines().size(), 1u);
  EXPECT_THAT(Lines()[0], HasSubstr("after"));
}

TEST_F(ProcessLogTest, AFileThatCannotBeOpenedIsAnErrorAndTheLogGoesOn) {
  ASSERT_TRUE(log_.Apply(settings_).has_value());
  auto bad = settings_;
  bad.file = directory_.path() / "missing" / "log";
  EXPECT_TRUE(log_.Apply(bad).has_error());
  log::info("still here");
  EXPECT_EQ(Lines().size(), 1u);
}

}  // namespace
}  // namespace cairn::server
