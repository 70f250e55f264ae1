#include "tests/integration/revocation_scene.h"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <numeric>

#include "base/bytes.h"

namespace cairn {
namespace {

using storage::Table;
using testing::HasSubstr;

constexpr std::string_view kLogin = "alice";
constexpr std::string_view kLockInfo =
    R"(<?xml version="1.0"?><d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>)"
    R"(<d:locktype><d:write/></d:locktype></d:lockinfo>)";

// ---- steps, and what they do

Step Delete(std::string_view path) { return {"DELETE", Scene::Url(path)}; }
Step Mkcol(std::string_view path) { return {"MKCOL", Scene::Url(path)}; }
Step Rename(std::string_view from, std::string_view to) {
  return {"MOVE", Scene::Url(from), Scene::Destination(to)};
}
Step Lock(std::string_view path, std::string_view depth) {
  return {"LOCK", Scene::Url(path),
          "Content-Type: application/xml\r\nDepth: " + std::string(depth) + "\r\n",
          std::string(kLockInfo)};
}

// "docs" and what is below it.
FileMap Take(FileMap& files, const std::string& folder) {
  FileMap taken;
  for (auto at = files.lower_bound(folder + "/");
       at != files.end() && at->first.starts_with(folder + "/"); at = files.erase(at)) {
    taken[at->first.substr(folder.size())] = at->second;
  }
  return taken;
}
void Erased(FileMap& files, const std::string& folder) { Take(files, folder); }
void Renamed(FileMap& files, const std::string& from, const std::string& to) {
  for (auto& [below, content] : Take(files, from)) files[to + below] = std::move(content);
}

Change FolderDeleted(const std::string& folder) {
  return {"FolderDeleted", {Delete(folder)}, [=](FileMap& files) { Erased(files, folder); }};
}
Change FolderRenamed(const std::string& folder) {
  return {"FolderRenamed", {Rename(folder, "papers")}, [=](FileMap& files) {
            Renamed(files, folder, "papers");
          }};
}
Change FolderReplaced(const std::string& folder) {
  return {"FolderReplaced", {Delete(folder), Mkcol(folder)}, [=](FileMap& files) {
            Erased(files, folder);
            files[folder + "/"];
          }};
}
Change FolderRenamedAndMadeAnew(const std::string& folder) {
  return {
      "FolderRenamedAndMadeAnew", {Rename(folder, "papers"), Mkcol(folder)}, [=](FileMap& files) {
        Renamed(files, folder, "papers");
        files[folder + "/"];
      }};
}
Change FolderReplacedByAFile(const std::string& folder) {
  return {"FolderReplacedByAFile", {Rename("spare", folder)}, [=](FileMap& files) {
            Erased(files, folder);
            files[folder] = files["spare"];
            files.erase("spare");
          }};
}
Change FolderLocked(const std::string& folder) {
  return {"FolderLocked", {Lock(folder, "infinity")}};
}

Change Nothing() { return {"Nothing"}; }
Change UserDisabled() { return {"UserDisabled", {}, {}, &Scene::DisableUser}; }
Change UserDeleted() { return {"UserDeleted", {}, {}, &Scene::DeleteUser}; }
Change TokenDeleted() { return {"TokenDeleted", {}, {}, &Scene::EndPhone}; }
Change QuotaFilled() { return {"QuotaFilled", {}, {}, &Scene::FillQuota, true}; }

Change TargetLocked() {
  const std::string target(Scene::kTarget);
  return {"TargetLocked", {Lock(target, "0")}, [=](FileMap& files) { files[target]; }};
}

}  // namespace

// As without a change: a PUT without a folder is 404, all else that needs one is 409, or 415 when
// it finds a file there.
const std::vector<TargetRow>& TargetRows() {
  static const std::vector<TargetRow> rows = {
      {Nothing()},
      {FolderDeleted("docs"), 404, 409, 409, 409},
      {FolderRenamed("docs"), 404, 409, 409, 409},
      {FolderReplaced("docs"), 404, 409, 409, 409},
      {FolderRenamedAndMadeAnew("docs"), 404, 409, 409, 409},
      {FolderReplacedByAFile("docs"), 404, 415, 415, 415},
      {UserDisabled(), 401, 401, 401, 401},
      {UserDeleted(), 401, 401, 401, 401},
      {TokenDeleted(), 401, 401, 401, 401},
      {TargetLocked(), 423, 423, 423, 423},
      {FolderLocked("docs"), 423, 423, 423, 423},
      {QuotaFilled(), 507, 0, 507, 507},  // a MOVE inside a space takes nothing
  };
  return rows;
}

const std::vector<SourceRow>& SourceRows() {
  static const std::vector<SourceRow> rows = {
      {FolderDeleted("src"), 404, 404},
      {FolderRenamed("src"), 404, 404},
      {FolderReplaced("src"), 404, 404},
      {FolderRenamedAndMadeAnew("src"), 404, 404},
      {FolderReplacedByAFile("src"), 404, 404},
      {FolderLocked("src"), 423, 0},  // whoever copies only reads it
  };
  return rows;
}

const std::vector<SessionRow>& SessionRows() {
  const std::string session(Scene::kSession);
  const std::string other = "Destination: /remote.php/dav/uploads/alice/other\r\n";
  static const std::vector<SessionRow> rows = {
      {Nothing()},
      {{"SessionDeleted", {{"DELETE", session}}}, 404, 404},
      {{"SessionReplaced", {{"DELETE", session}, {"MKCOL", session}}}, 404, 404},
      // A session can neither be renamed nor locked: who tries changes nothing.
      {{"SessionNotRenamed", {{"MOVE", session, other, {}, 403}}}},
      {{"SessionNotLocked", {{"LOCK", session, {}, std::string(kLockInfo), 405}}}},
      {UserDisabled(), 401, 401},
      {UserDeleted(), 401, 401},
      {TokenDeleted(), 401, 401},
      {QuotaFilled(), 507, 507},
  };
  return rows;
}

std::ostream& operator<<(std::ostream& out, const Change& change) { return out << change.name; }
std::ostream& operator<<(std::ostream& out, const TargetRow& row) { return out << row.change; }

// ---- the stage

Scene::Scene(const std::filesystem::path& parent) : server_(parent) {
  auth::NewUser alice;
  alice.name = kLogin;
  const auto user = server_.users().Create(alice);
  CAIRN_CHECK(user.has_value());
  user_ = UserId{user->id()};
  home_ = SpaceId{user->space()};
  for (std::string* device : {&phone_, &desk_}) {
    const auto token = server_.app_passwords().Create(user_, "device", {});
    CAIRN_CHECK(token.has_value());
    *device = std::string(kLogin) + ":" + token->secret;
  }
  server_.Occ({"user:setting", "alice", "files", "quota", "10 MB"});
  for (const char* folder : {"docs", "src", "src/tree", "src/tree/deep"}) Do(Mkcol(folder));
  Put("docs/other.txt", "other");
  Put("src/a.bin", std::string(40'000, 'a'));
  Put("src/tree/one", "one");
  Put("src/tree/deep/two", std::string(20'000, 't'));
  Put("spare", "spare");
}

std::string Scene::Url(std::string_view path) {
  return "/remote.php/dav/files/alice/" + std::string(path);
}

std::string Scene::Destination(std::string_view path) {
  return "Destination: " + Url(path) + "\r\n";
}

namespace {

void ExpectAnswer(const Step& step, const RawResponse& answer) {
  if (step.refusal != 0) {
    EXPECT_EQ(answer.status, step.refusal) << step.method << " " << step.target;
  } else {
    EXPECT_EQ(answer.status / 100, 2)
        << step.method << " " << step.target << ": " << answer.status << "\n"
        << answer.body;
  }
}

std::string Text(const Step& step, const std::string& login) {
  return BasicRequest(step.method, step.target, login, step.body, step.fields);
}

}  // namespace

void Scene::Do(const Step& step) {
  RawClient client(server_.port());
  ExpectAnswer(step, client.Exchange(Text(step, desk_)));
}

void Scene::Apply(const Change& change) {
  for (const Step& step : change.steps) Do(step);
  if (change.decree) change.decree(*this);
}

RawResponse Scene::Interleave(const storage::WriterKey& key, const Change& change,
                              const std::string& request) {
  Line line(server_.engine().kv().writers(), key);
  std::size_t waiting = 0;
  std::vector<std::unique_ptr<RawClient>> steps;
  for (const Step& step : change.steps) {
    steps.push_back(std::make_unique<RawClient>(server_.port()));
    steps.back()->Send(Text(step, desk_));
    line.Await(++waiting);
  }
  std::future<void> decree;
  if (change.decree_needs_space) {
    decree = std::async(std::launch::async, [&] { change.decree(*this); });
    line.Await(++waiting);
  }
  RawClient phone(server_.port());
  phone.Send(request);
  line.Await(++waiting);
  if (change.decree && !change.decree_needs_space) change.decree(*this);
  line.Open();
  for (std::size_t i = 0; i < steps.size(); ++i) ExpectAnswer(change.steps[i], steps[i]->Receive());
  if (decree.valid()) decree.get();
  return phone.Receive();
}

void Scene::DeleteUser() {
  server_.Occ({"user:delete", "alice"});
  deleted_ = true;
}

void Scene::EndPhone() {
  RawClient client(server_.port());
  const auto request = BasicRequest("DELETE", "/ocs/v2.php/core/apppassword", phone_);
  EXPECT_EQ(client.Exchange(request).status, 200);
}

void Scene::FillQuota() {
  server_.Occ({"user:setting", "alice", "files", "quota", std::to_string(Used()) + " B"});
}

// ---- afterwards

std::uint64_t Scene::Used() {
  std::uint64_t used = 0;
  for (const auto& [name, content] : Files()) used += content.size();
  return used;
}

void Scene::ExpectQuotaIsExact() {
  server_.Occ({"user:enable", "alice"});
  const auto space =
      server_.engine().tree().FindSpace(*server_.engine().kv().Published(), home_).value();
  const std::uint64_t limit = static_cast<std::uint64_t>(space->quota());
  const std::uint64_t used = Used();
  RawClient client(server_.port());
  const auto asked = client.Exchange(BasicRequest(
      "PROPFIND", Url(""), desk_,
      R"(<d:propfind xmlns:d="DAV:"><d:prop><d:quota-used-bytes/><d:quota-available-bytes/></d:prop></d:propfind>)",
      "Depth: 0\r\n"));
  EXPECT_EQ(asked.status, 207);
  EXPECT_THAT(asked.body, HasSubstr("<d:quota-used-bytes>" + std::to_string(used) + "<"));
  EXPECT_THAT(asked.body, HasSubstr("<d:quota-available-bytes>" +
                                    std::to_string(limit - std::min(limit, used)) + "<"));
}

void Scene::ExpectNothingLeft() {
  auto& leases = server_.engine().contents().leases();
  EXPECT_TRUE(leases.AllEndedUpTo(leases.Now()));
  EXPECT_EQ(server_.Findings(), "");
  EXPECT_EQ(server_.BlobFiles().size(), server_.Count(Table::kBlobs));
  EXPECT_EQ(server_.Count(Table::kCandidates), 0u);
  if (deleted_) {
    EXPECT_EQ(Difference(Files(), {}), "");
    return;  // his uploads go when they expire
  }
  EXPECT_EQ(server_.Count(Table::kUploads), 0u);
  EXPECT_EQ(server_.Count(Table::kChunks), 0u);
}

void Scene::ExpectClean() {
  if (!deleted_) {
    ExpectQuotaIsExact();
    RawClient client(server_.port());
    const int status = client.Exchange(BasicRequest("DELETE", kSession, desk_)).status;
    EXPECT_TRUE(status == 204 || status == 404) << status;
  }
  server_.ClearAway();
  server_.Stop();
  ExpectNothingLeft();
}

std::string Difference(const FileMap& is, const FileMap& should_be) {
  std::string lines;
  for (const auto& [name, content] : is) {
    const auto wanted = should_be.find(name);
    if (wanted == should_be.end()) lines += "not wanted: " + name + "\n";
    if (wanted != should_be.end() && wanted->second != content) lines += "wrong: " + name + "\n";
  }
  for (const auto& [name, content] : should_be) {
    if (!is.contains(name)) lines += "missing: " + name + "\n";
  }
  return lines;
}

std::string Difference(const std::set<std::string>& is, const std::set<std::string>& should_be) {
  std::string lines;
  for (const std::string& row : is) {
    if (!should_be.contains(row)) lines += "not wanted: " + row.substr(0, 200) + "\n";
  }
  for (const std::string& row : should_be) {
    if (!is.contains(row)) lines += "missing: " + row.substr(0, 200) + "\n";
  }
  return lines;
}

}  // namespace cairn
