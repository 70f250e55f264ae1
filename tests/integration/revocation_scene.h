// What may happen while a request runs, to the folder it writes into, to its user, to his quota;
// and the stage for it: alice with two devices on a live server. The phone's request is the one
// that is interrupted, the desk changes things meanwhile.
//
// Alice has, besides what a test adds:
//
//   docs/other.txt    src/a.bin    src/tree/one    src/tree/deep/two    spare
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/live_server.h"
#include "tests/support/raw_client.h"

namespace cairn {

class Scene;

// A request of the desk.
struct Step {
  std::string method;
  std::string target;
  std::string fields = {};
  std::string body = {};
  int refusal = 0;  // 0: it must succeed
};

struct Change {
  std::string name;
  std::vector<Step> steps = {};               // in this order
  std::function<void(FileMap&)> effect = {};  // of the steps on what alice has
  std::function<void(Scene&)> decree = {};    // of an administrator
  bool decree_needs_space = false;            // it stands in line for the space's key
};

// A change to what a write into docs/f depends on, and the status of each kind of write that was
// begun before and ends after it. 0: it succeeds.
struct TargetRow {
  Change change;
  int put = 0;
  int move = 0;
  int copy = 0;      // of a file, and of a folder with members
  int assemble = 0;  // MOVE of an upload
};
const std::vector<TargetRow>& TargetRows();

// The same for the source, which is in src/.
struct SourceRow {
  Change change;
  int move = 0;
  int copy = 0;
};
const std::vector<SourceRow>& SourceRows();

// The same for the session "up" of an upload.
struct SessionRow {
  Change change;
  int chunk = 0;
  int assemble = 0;
};
const std::vector<SessionRow>& SessionRows();

// For the names of cases.
std::ostream& operator<<(std::ostream& out, const Change& change);
std::ostream& operator<<(std::ostream& out, const TargetRow& row);

class Scene {
 public:
  static constexpr std::string_view kTarget = "docs/f";
  static constexpr std::string_view kSession = "/remote.php/dav/uploads/alice/up";

  // `parent`: on a real disk the sync of a commit takes its time, in which others go on.
  explicit Scene(const std::filesystem::path& parent = FastStorage());

  LiveServer& server() { return server_; }
  storage::WriterKey space_key() const { return storage::SpaceKey(home_); }
  storage::WriterKey session_key() const { return storage::SessionKey(user_, "up"); }
  storage::WriterKey assembly_key() const { return storage::AssemblyKey(user_, "up"); }
  const std::string& phone() const { return phone_; }  // "alice:APP-PASSWORD"
  const std::string& desk() const { return desk_; }

  // "docs/f" -> "/remote.php/dav/files/alice/docs/f".
  static std::string Url(std::string_view path);
  static std::string Destination(std::string_view path);  // the header line

  // A request of the desk, which must succeed, or be refused as the step says.
  void Do(const Step& step);
  void Put(std::string_view path, std::string body) { Do({"PUT", Url(path), {}, std::move(body)}); }

  // Everything that belongs to the change, one after the other.
  void Apply(const Change& change);
  // The phone's request meets the change between its first look and its commit: both stand in line
  // for `key`, the change in front. The phone's answer.
  RawResponse Interleave(const storage::WriterKey& key, const Change& change,
                         const std::string& request);

  void DisableUser() { server_.Occ({"user:disable", "alice"}); }
  void DeleteUser();
  void EndPhone();   // the phone's app password is given back
  void FillQuota();  // exactly what is there is allowed

  FileMap Files() { return server_.Files(home_); }
  // Nothing is reserved, leased or left over: quota, rows, files and fsck agree. Ends the server.
  void ExpectClean();

 private:
  std::uint64_t Used();
  void ExpectQuotaIsExact();
  void ExpectNothingLeft();

  LiveServer server_;
  UserId user_{};
  SpaceId home_{};
  std::string phone_;
  std::string desk_;
  bool deleted_ = false;
};

// The names that only one of them has, or that have another content; empty: they are equal.
std::string Difference(const FileMap& is, const FileMap& should_be);
std::string Difference(const std::set<std::string>& is, const std::set<std::string>& should_be);

}  // namespace cairn
