#include "server/access_log.h"

#include <gtest/gtest.h>

namespace cairn::server {
namespace {

TEST(AccessLogTest, OneLineWhateverThePathHolds) {
  AccessRecord record;
  record.id = "r1";
  record.user = "zo\xc3\xab";
  record.remote = "::1";
  record.method = "GET";
  record.path = "/a\"b\\c\r\n\x7f\xff";
  record.status = 404;
  record.bytes_in = 1;
  record.bytes_out = 2;
  record.duration = std::chrono::microseconds(1500);
  EXPECT_EQ(
      FormatAccess(record),
      R"({"id":"r1","user":"zo\u00c3\u00ab","remote":"::1","method":"GET",)"
      R"("path":"/a\u0022b\u005cc\u000d\u000a\u007f\u00ff","status":404,"in":1,"out":2,"ms":1.50})");
}

TEST(AccessLogTest, TokensInAddressesAreLeftOut) {
  const auto logged = [](std::string path) {
    AccessRecord record;
    record.path = std::move(path);
    const std::string line = FormatAccess(record);
    const std::size_t at = line.find(R"("path":")") + 8;
    return line.substr(at, line.find('"', at) - at);
  };
  EXPECT_EQ(logged("/index.php/login/v2/flow/canary"), "/index.php/login/v2/flow/...");
  EXPECT_EQ(logged("/s/canary"), "/s/...");
  EXPECT_EQ(logged("/index.php/s/canary/download"), "/index.php/s/.../download");
  EXPECT_EQ(logged("/cloud/s/canary/authenticate/showshare"),
            "/cloud/s/.../authenticate/showshare");
  EXPECT_EQ(logged("/public.php/dav/files/canary/s/a.txt"), "/public.php/dav/files/.../s/a.txt");
  EXPECT_EQ(logged("/remote.php/dav/files/alice/s/a.txt"), "/remote.php/dav/files/alice/s/a.txt");
  EXPECT_EQ(logged("/s/"), "/s/");
}

TEST(AccessLogTest, BrokenAnswerIsMarked) {
  AccessRecord record;
  record.complete = false;
  EXPECT_NE(FormatAccess(record).find(R"("broken":true)"), std::string::npos);
}

}  // namespace
}  // namespace cairn::server
