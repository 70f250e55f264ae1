// A server whose disk fails at the N-th call of a request, and what there is afterwards.
//
// Every run begins with a copy of the same data directory: alice with two devices, files of both
// sizes, a folder, a locked file, three uploads that are not finished.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/live_server.h"
#include "tests/support/fault_fs.h"
#include "tests/support/raw_client.h"

namespace cairn {

// What alice has, as text, once all garbage has been cleared away: two states are equal when nobody
// can tell them apart but by ids and times.
using StateText = std::string;

// A server on a data directory, with a disk that can fail. Broken, it changes nothing more, as the
// process would have ended.
class FaultyServer {
 public:
  explicit FaultyServer(const std::filesystem::path& data);

  // The status of the answer; of a PROPPATCH that of its properties.
  int Send(std::string_view method, std::string_view target, std::string_view body = {},
           std::string_view fields = {}, std::string_view login = {});
  // The same for a command: 200; or what a request would have got: 507 for a full disk, else 500.
  int Run(const std::vector<std::string>& args);
  // What the last command that failed said.
  const std::string& last_error() const { return last_error_; }
  // The status of a GET of a file of alice's.
  int Read(std::string_view name);

  LiveServer& server() { return *server_; }
  FaultFs& disk() { return disk_; }
  bool broken() const { return broken_; }

 private:
  FaultFs disk_;
  std::atomic<bool> broken_{false};
  std::string last_error_;
  std::unique_ptr<LiveServer> server_;
  std::unique_ptr<RawClient> client_;
};

struct Verb {
  std::string_view name;
  int (*run)(FaultyServer&);
};
const std::vector<Verb>& Verbs();

class FaultScene {
 public:
  // Makes the data directory that all runs begin with.
  FaultScene();

  // A copy of it, that replaces the one before.
  const std::filesystem::path& Copy();
  // What the copy holds. Opens it anew, on a disk that is a good one; fsck must be content.
  StateText State();

 private:
  TempDirectory directory_;
  const std::filesystem::path first_;
  const std::filesystem::path copy_;
};

}  // namespace cairn
