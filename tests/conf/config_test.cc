#include "conf/config.h"

#include <gtest/gtest.h>

namespace cairn::conf {
namespace {

Config Minimal() {
  Config config;
  config.data_dir = "/srv/cairn";
  return config;
}

TEST(Config, DefaultsAreEnough) {
  const auto config = Checked(Minimal());
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->listen, "127.0.0.1:8080");
  EXPECT_EQ(config->public_url, "http://127.0.0.1:8080");
  EXPECT_EQ(config->version_reported, "32.0.6.1");
}

TEST(Config, ErrorsNameTheSetting) {
  const auto message = [](auto change) {
    Config config = Minimal();
    change(config);
    const auto checked = Checked(config);
    return checked.has_error()
               ? checked.error().message.substr(0, checked.error().message.find(':'))
               : "accepted";
  };
  EXPECT_EQ(message([](Config& c) { c.data_dir.clear(); }), "data_dir");
  EXPECT_EQ(message([](Config& c) { c.listen = "8080"; }), "listen");
  EXPECT_EQ(message([](Config& c) { c.version_reported = "32.0.6"; }), "version_reported");
  EXPECT_EQ(message([](Config& c) { c.version_reported = "32.0.6.1."; }), "version_reported");
  for (const char* url :
       {"cloud.example.org", "ftp://x", "https://", "https:///x", "https://u@x", "https://x?y"}) {
    EXPECT_EQ(message([&](Config& c) { c.public_url = url; }), "public_url") << url;
  }
}

TEST(Config, PublicUrlHasNoSlashAtItsEnd) {
  Config config = Minimal();
  config.public_url = "https://cloud.example.org/sub/";
  EXPECT_EQ(Checked(config)->public_url, "https://cloud.example.org/sub");
}

TEST(Listen, IsAnAddressAndAPort) {
  EXPECT_EQ(ParseListen("0.0.0.0:80")->port, 80);
  EXPECT_EQ(ParseListen("[::1]:0")->host, "::1");
  for (const char* text : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:80", "a b:1"}) {
    EXPECT_TRUE(ParseListen(text).has_error()) << text;
  }
}

}  // namespace
}  // namespace cairn::conf
