// The real binary as an administrator runs it, on a data directory of its own: commands, a server
// on a free port, requests of the user alice.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_directory.h"

namespace cairn {

class BinaryCase : public testing::Test {
 protected:
  static constexpr std::string_view kLogin = "alice:Wonderland-1865";
  static constexpr std::string_view kFiles = "/remote.php/dav/files/alice";

  std::unique_ptr<ChildProcess> Start(const std::vector<std::string>& args,
                                      const std::vector<std::string>& environment = {}) const {
    std::vector<std::string> all = {"cairn", "--data-dir", DataDirectory()};
    all.insert(all.end(), args.begin(), args.end());
    return StartProgram(CAIRN_BINARY, all, environment);
  }
  // A command's output; it has to succeed.
  std::string Command(const std::vector<std::string>& args,
                      const std::vector<std::string>& environment = {}) const {
    const auto program = Start(args, environment);
    std::string output = program->Rest();
    EXPECT_EQ(program->Wait(), 0) << output;
    return output;
  }
  void AddUser() const {
    Command({"user:add", "--password-from-env", "alice"}, {"OC_PASS=Wonderland-1865"});
  }
  std::unique_ptr<ChildProcess> Serve() {
    auto server = Start({"serve", "--listen", "127.0.0.1:0"});
    port_ = AwaitPort(*server);
    EXPECT_NE(port_, 0) << "the server did not start";
    return server;
  }
  static std::string Request(std::string_view method, std::string_view target,
                             std::string_view body = {}, std::string_view fields = {}) {
    return BasicRequest(method, target, kLogin, body, fields);
  }
  // The same for a file of alice's.
  static std::string File(std::string_view method, std::string_view path,
                          std::string_view body = {}) {
    return Request(method, std::string(kFiles) + std::string(path), body);
  }

  std::string DataDirectory() const { return directory_.path() / "data"; }

  TempDirectory directory_;
  std::uint16_t port_ = 0;
};

}  // namespace cairn
