// A settings file that begins with a comma (a line of a list that lost its beginning) used up all
// memory: `cairn serve` and every command stood still at their start until the system killed them,
// or something else. It is refused now.
#include <gtest/gtest.h>

#include "conf/load.h"

namespace cairn::conf {
namespace {

std::string RefusalOf(std::string_view text) {
  Loaded loaded;
  const auto applied = ApplyYaml(text, "cairn.yaml", loaded);
  return applied.has_error() ? applied.error().message : std::string();
}

TEST(SettingsFileWithComma, IsRefused) {
  for (const std::string_view text : {",", ", 127.0.0.1]\n", "&a,x", "# settings\n,\n"}) {
    EXPECT_TRUE(RefusalOf(text).starts_with("cairn.yaml: more than one YAML document")) << text;
  }
}

TEST(SettingsFileWithComma, InsideOfAListItIsRight) {
  EXPECT_EQ(RefusalOf("trusted_proxies: [127.0.0.1, 10.0.0.0/8,]\n"), "");
  EXPECT_EQ(RefusalOf("# nothing but a comment, with a comma\n"), "");
  EXPECT_EQ(RefusalOf(""), "");
}

}  // namespace
}  // namespace cairn::conf
