// A settings file with a NUL byte in it (written by an editor that died, restored from a damaged
// disk) let `cairn serve` and every command stand still at their start, without a word, for good:
// the YAML library waits for the end of a word that ends in NUL. It is refused now, with its line.
#include <gtest/gtest.h>

#include "conf/load.h"

namespace cairn::conf {
namespace {

using namespace std::string_view_literals;

std::string RefusalOf(std::string_view text) {
  Loaded loaded;
  const auto applied = ApplyYaml(text, "cairn.yaml", loaded);
  return applied.has_error() ? applied.error().message : std::string();
}

TEST(SettingsFileWithNul, IsRefusedWithItsLine) {
  EXPECT_EQ(RefusalOf("data_dir: /d\n&a,'b:&\0\n"sv),
            "cairn.yaml:2: not YAML: a control character");
  EXPECT_EQ(RefusalOf("\0"sv), "cairn.yaml:1: not YAML: a control character");
}

TEST(SettingsFileWithNul, WhatYamlAllowsIsNotRefused) {
  EXPECT_EQ(RefusalOf("data_dir: /d \t# a comment with a tab\r\n"), "");
}

}  // namespace
}  // namespace cairn::conf
