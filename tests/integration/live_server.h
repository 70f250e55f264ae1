// A whole server inside the test: real sockets on a free port, a data directory in files, and no
// background job but those that a test runs. For what only the inside can tell: who waits for a
// key, which rows and files there are, whether fsck finds anything.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/http_server.h"
#include "server/wiring.h"
#include "tests/support/blob_files.h"
#include "tests/support/temp_directory.h"

namespace cairn {

// What a user has: "docs/" for a folder, "docs/a.txt" for a file, and its bytes.
using FileMap = std::map<std::string, std::string>;

class LiveServer {
 public:
  // On a data directory that outlives it, which is made if there is none.
  struct On {
    std::filesystem::path data;
    server::DirectoryMode mode = {};
    storage::Faults::OnBroken on_broken = {};  // by default a broken store fails the test
  };

  // The data directory is made below `parent`.
  explicit LiveServer(const std::filesystem::path& parent);
  explicit LiveServer(On on);
  ~LiveServer() { Stop(); }

  std::uint16_t port() const { return port_; }
  storage::Engine& engine() { return instance_->engine(); }
  auth::Users& users() { return instance_->users(); }
  auth::AppPasswords& app_passwords() { return instance_->app_passwords(); }

  // A command, as an administrator types it. It has to succeed.
  void Occ(const std::vector<std::string>& args);
  // The same; its exit code, and what it wrote to `err`.
  int TryOcc(const std::vector<std::string>& args, std::string& err);
  // Runs the jobs that clear away until none of them finds anything more.
  void ClearAway();
  // Requests end, then the pools: what was going on behind an answer is over.
  void Stop();

  // ---- the published state
  FileMap Files(SpaceId space);
  // Every row of the tables that hold what users store, as text.
  std::set<std::string> Rows();
  std::size_t Count(storage::Table table);
  std::set<std::string> BlobFiles() { return BlobFilesIn(data_); }
  // What fsck says, all data read: one line per finding, the harmless ones too.
  std::string Findings();

 private:
  void Start(const server::DirectoryMode& mode, storage::Faults::OnBroken on_broken);
  void Walk(FileId folder, const std::string& path, FileMap& files);
  std::string Content(const storage::Node& file);

  std::unique_ptr<TempDirectory> directory_;  // null: the data directory is somebody else's
  const std::filesystem::path data_;
  std::unique_ptr<server::Instance> instance_;
  std::unique_ptr<server::HttpServer> http_;
  std::uint16_t port_ = 0;
};

// Holds a writer key: who wants it stands in line, in the order of coming, until Open.
class Line {
 public:
  Line(storage::WriterKeys& keys, storage::WriterKey key);
  // Returns once `count` stand in line.
  void Await(std::size_t count);
  void Open() { guard_.Release(); }

 private:
  storage::WriterKeys& keys_;
  const storage::WriterKey key_;
  storage::WriterGuard guard_;
};

}  // namespace cairn
