#include "tests/integration/fault_scene.h"

#include <gtest/gtest.h>

#include <array>

#include "storage/commit.h"
#include "storage/records.h"

namespace cairn {
namespace {

using storage::Table;

constexpr std::string_view kFiles = "/remote.php/dav/files/alice/";
constexpr std::string_view kUploads = "/remote.php/dav/uploads/alice/";
constexpr std::size_t kLarge = 150'000;  // a blob that takes several writes

// Rows that say what users have. Not among them: pages of a manifest that an assembly which was cut
// off has left for the next one.
constexpr std::array kCounted = {
    Table::kEntries,       Table::kNodes,        Table::kContents,      Table::kRefs,
    Table::kBlobs,         Table::kProps,        Table::kLocks,         Table::kFavorites,
    Table::kUploads,       Table::kChunks,       Table::kUploadResults, Table::kUsers,
    Table::kGroups,        Table::kGroupMembers, Table::kUserTokens,    Table::kInline,
    Table::kCandidates,    Table::kEvents,       Table::kVersions,      Table::kGroupAdmins,
    Table::kSessions,      Table::kUserSessions, Table::kLoginFlows,    Table::kLoginTokens,
    Table::kSecondFactors, Table::kUserMails,    Table::kAvatars,       Table::kShares,
    Table::kNodeShares,    Table::kSharerShares, Table::kUserShares,    Table::kGroupShares,
    Table::kLinkTokens,    Table::kTrashLinks,   Table::kTransfers,     Table::kNotifications};

constexpr std::string_view kLock =
    R"(<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>)";
constexpr std::string_view kPatch =
    R"(<d:propertyupdate xmlns:d="DAV:" xmlns:x="http://example.org/"><d:set><d:prop><x:colour>red</x:colour></d:prop></d:set></d:propertyupdate>)";
constexpr std::string_view kFavourite =
    R"(<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>)";

constexpr std::string_view kLabel =
    R"(<d:propertyupdate xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:set><d:prop><nc:version-label>kept</nc:version-label></d:prop></d:set></d:propertyupdate>)";
constexpr std::string_view kFileId =
    R"(<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop></d:propfind>)";
constexpr std::string_view kToTrashed = "Destination: /remote.php/dav/trashbin/alice/restore/x\r\n";
constexpr std::string_view kToVersioned =
    "Destination: /remote.php/dav/versions/alice/restore/x\r\n";

std::string At(std::string_view name) { return std::string(kFiles) + std::string(name); }
std::string Upload(std::string_view name) { return std::string(kUploads) + std::string(name); }
std::string To(std::string_view name) { return "Destination: " + At(name) + "\r\n"; }
std::string Large(char fill) { return std::string(kLarge, fill); }

struct Secrets {
  std::string phone, desk, lock;
  std::string deleted, version;  // paths
};

// What the requests need to know; the same in every copy.
Secrets& Devices() {
  static Secrets secrets;
  return secrets;
}

// What stands last between two texts in an answer.
std::string LastBetween(const std::string& body, std::string_view open, std::string_view close) {
  const std::size_t at = body.rfind(open);
  CAIRN_CHECK(at != std::string::npos);
  const std::size_t from = at + open.size();
  return body.substr(from, body.find(close, from) - from);
}

}  // namespace

FaultyServer::FaultyServer(const std::filesystem::path& data) {
  LiveServer::On on{.data = data, .mode = {}, .on_broken = [this](std::string_view) {
                      broken_ = true;
                      disk_.Die();
                    }};
  on.mode.env = disk_.env();
  on.mode.disk = &disk_.disk();
  on.mode.ballast = false;
  server_ = std::make_unique<LiveServer>(std::move(on));
  // The first write of a process is special to RocksDB: tests/storage/rocks_recovery_test.cc.
  auto warm = [](storage::KvTxn& txn) -> Result<void> {
    txn.Put(Table::kSystem, "warm", "");
    return {};
  };
  auto warmed = storage::CommitBlocking(server_->engine().kv(), {storage::DirectoryKey()}, warm);
  CAIRN_CHECK(warmed.has_value());
  client_ = std::make_unique<RawClient>(server_->port());
}

int FaultyServer::Send(std::string_view method, std::string_view target, std::string_view body,
                       std::string_view fields, std::string_view login) {
  const std::string& phone = Devices().phone;
  const RawResponse answer =
      client_->Exchange(BasicRequest(method, target, login.empty() ? phone : login, body, fields));
  // Whatever goes on behind the answer is over when the next one comes.
  client_->Exchange(BasicRequest("GET", "/status.php", {}));
  if (answer.status != 207) return answer.status;
  const auto at = answer.body.find("<d:status>HTTP/1.1 ");
  return at == std::string::npos ? 0 : std::stoi(answer.body.substr(at + 19, 3));
}

int FaultyServer::Run(const std::vector<std::string>& args) {
  std::string& err = last_error_;
  err.clear();
  if (server_->TryOcc(args, err) == 0) return 200;
  const auto may_write = server_->engine().faults().CheckMayWrite();
  return may_write.has_error() && Is(may_write.error(), ErrorCode::kDiskFull) ? 507 : 500;
}

int FaultyServer::Read(std::string_view name) { return Send("GET", At(name)); }

const std::vector<Verb>& Verbs() {
  using Server = FaultyServer;
  static const std::vector<Verb> verbs = {
      {"PUT of a small file", [](Server& s) { return s.Send("PUT", At("new"), "small"); }},
      {"PUT over a small file", [](Server& s) { return s.Send("PUT", At("small"), "other"); }},
      {"PUT of a large file", [](Server& s) { return s.Send("PUT", At("new"), Large('n')); }},
      {"PUT over a large file", [](Server& s) { return s.Send("PUT", At("large"), Large('o')); }},
      {"PUT with parents",
       [](Server& s) {
         return s.Send("PUT", At("p/q/new"), "small", "X-NC-WebDAV-Auto-Mkcol: 1\r\n");
       }},
      {"PATCH",
       [](Server& s) { return s.Send("PATCH", At("large"), {}, "X-Recalculate-Hash: sha1\r\n"); }},
      {"MKCOL", [](Server& s) { return s.Send("MKCOL", At("made")); }},
      {"PROPPATCH", [](Server& s) { return s.Send("PROPPATCH", At("small"), kPatch); }},
      {"PROPPATCH of a favourite",
       [](Server& s) { return s.Send("PROPPATCH", At("small"), kFavourite); }},
      {"LOCK", [](Server& s) { return s.Send("LOCK", At("small"), kLock); }},
      {"LOCK of a free name", [](Server& s) { return s.Send("LOCK", At("free"), kLock); }},
      {"UNLOCK",
       [](Server& s) {
         return s.Send("UNLOCK", At("locked"), {}, "Lock-Token: <" + Devices().lock + ">\r\n");
       }},
      {"COPY of a file", [](Server& s) { return s.Send("COPY", At("large"), {}, To("copy")); }},
      {"COPY of a folder", [](Server& s) { return s.Send("COPY", At("folder"), {}, To("copy")); }},
      {"COPY over a folder",
       [](Server& s) { return s.Send("COPY", At("folder"), {}, To("folder2")); }},
      {"MOVE of a file", [](Server& s) { return s.Send("MOVE", At("small"), {}, To("moved")); }},
      {"MOVE over a file", [](Server& s) { return s.Send("MOVE", At("small"), {}, To("large")); }},
      {"MOVE of a folder",
       [](Server& s) { return s.Send("MOVE", At("folder"), {}, To("folder2/in")); }},
      {"DELETE of a file", [](Server& s) { return s.Send("DELETE", At("large")); }},
      {"DELETE of a folder", [](Server& s) { return s.Send("DELETE", At("folder")); }},
      {"DELETE past the trash",
       [](Server& s) { return s.Send("DELETE", At("large"), {}, "X-NC-Skip-Trashbin: true\r\n"); }},
      {"MOVE of a deletion to where it was",
       [](Server& s) { return s.Send("MOVE", Devices().deleted, {}, kToTrashed); }},
      {"MOVE of a deletion over a file",
       [](Server& s) { return s.Send("MOVE", Devices().deleted, {}, To("large")); }},
      {"DELETE of a deletion", [](Server& s) { return s.Send("DELETE", Devices().deleted); }},
      {"DELETE of the trash",
       [](Server& s) { return s.Send("DELETE", "/remote.php/dav/trashbin/alice/trash"); }},
      {"PUT over a file with versions",
       [](Server& s) { return s.Send("PUT", At("versioned"), Large('v')); }},
      {"MOVE of a version to its file",
       [](Server& s) { return s.Send("MOVE", Devices().version, {}, kToVersioned); }},
      {"COPY of a version to its file",
       [](Server& s) { return s.Send("COPY", Devices().version, {}, kToVersioned); }},
      {"MOVE of a version over a file",
       [](Server& s) { return s.Send("MOVE", Devices().version, {}, To("large")); }},
      {"the label of a version",
       [](Server& s) { return s.Send("PROPPATCH", Devices().version, kLabel); }},
      {"DELETE of a version", [](Server& s) { return s.Send("DELETE", Devices().version); }},
      {"MKCOL of an upload", [](Server& s) { return s.Send("MKCOL", Upload("new")); }},
      {"PUT of a chunk", [](Server& s) { return s.Send("PUT", Upload("one/2"), Large('c')); }},
      {"PUT of a chunk again",
       [](Server& s) { return s.Send("PUT", Upload("one/1"), Large('d') + "d"); }},
      {"DELETE of a chunk", [](Server& s) { return s.Send("DELETE", Upload("two/2")); }},
      {"DELETE of an upload", [](Server& s) { return s.Send("DELETE", Upload("two")); }},
      {"MOVE of an upload of one chunk",
       [](Server& s) { return s.Send("MOVE", Upload("one/.file"), {}, To("assembled")); }},
      {"MOVE of an upload of two chunks",
       [](Server& s) { return s.Send("MOVE", Upload("two/.file"), {}, To("large")); }},
      {"the end of an app password",
       [](Server& s) {
         return s.Send("DELETE", "/ocs/v2.php/core/apppassword", {}, {}, Devices().desk);
       }},
      {"user:auth-tokens:add",
       [](Server& s) {
         return s.Run({"user:auth-tokens:add", "alice"});
       }},
      {"user:disable",
       [](Server& s) {
         return s.Run({"user:disable", "alice"});
       }},
      {"user:setting",
       [](Server& s) {
         return s.Run({"user:setting", "alice", "files", "quota", "1 GB"});
       }},
      {"group:add",
       [](Server& s) {
         return s.Run({"group:add", "team"});
       }},
  };
  return verbs;
}

FaultScene::FaultScene()
    : directory_(FastStorage()),
      first_(directory_.path() / "first"),
      copy_(directory_.path() / "copy" / "data") {
  std::filesystem::create_directories(copy_.parent_path());
  FaultyServer faulty(first_);
  LiveServer& server = faulty.server();
  const auto user = server.users().Create({.name = "alice"});
  CAIRN_CHECK(user.has_value());
  for (std::string* device : {&Devices().phone, &Devices().desk}) {
    const auto token = server.app_passwords().Create(UserId{user->id()}, "device", {});
    CAIRN_CHECK(token.has_value());
    *device = "alice:" + token->secret;
  }
  const auto must = [](int status) { EXPECT_EQ(status / 100, 2) << status; };
  for (const char* folder : {"folder", "folder2", "folder/in", "gone"})
    must(faulty.Send("MKCOL", At(folder)));
  must(faulty.Send("PUT", At("small"), "small"));
  must(faulty.Send("PUT", At("locked"), "locked"));
  must(faulty.Send("PUT", At("large"), Large('l')));
  must(faulty.Send("PUT", At("folder/in/small"), "small"));
  must(faulty.Send("PUT", At("folder/large"), Large('f')));
  for (const char* session : {"one", "two"}) must(faulty.Send("MKCOL", Upload(session)));
  for (const char* chunk : {"one/1", "two/1", "two/2"})
    must(faulty.Send("PUT", Upload(chunk), Large('u')));
  must(faulty.Send("PUT", At("versioned"), Large('1')));
  must(faulty.Send("PUT", At("versioned"), "two"));
  must(faulty.Send("PUT", At("rubbish"), "rubbish"));
  // The hidden roots are there from now on.
  must(faulty.Send("COPY", At("folder"), {}, To("gone")));
  must(faulty.Send("DELETE", At("gone"), {}, "X-NC-Skip-Trashbin: true\r\n"));
  must(faulty.Send("DELETE", At("rubbish")));
  RawClient client(server.port());
  const auto listed = [&](const std::string& path, std::string_view body) {
    return client.Exchange(BasicRequest("PROPFIND", path, Devices().phone, body)).body;
  };
  Devices().deleted =
      LastBetween(listed("/remote.php/dav/trashbin/alice/trash", {}), "<d:href>", "<");
  const std::string id = LastBetween(listed(At("versioned"), kFileId), "<oc:fileid>", "<");
  Devices().version =
      LastBetween(listed("/remote.php/dav/versions/alice/versions/" + id, {}), "<d:href>", "<");
  const RawResponse locked =
      client.Exchange(BasicRequest("LOCK", At("locked"), Devices().phone, kLock));
  Devices().lock = locked.Header("Lock-Token").substr(1);
  Devices().lock.pop_back();
  server.ClearAway();
}

const std::filesystem::path& FaultScene::Copy() {
  std::filesystem::remove_all(copy_);
  std::filesystem::copy(first_, copy_, std::filesystem::copy_options::recursive);
  return copy_;
}

StateText FaultScene::State() {
  LiveServer server(LiveServer::On{.data = copy_, .mode = {.ballast = false}});
  auto& engine = server.engine();
  const auto swept = storage::SweepOrphanBlobs(engine.kv(), engine.contents(), 0, false);
  EXPECT_TRUE(swept.has_value());
  server.ClearAway();
  EXPECT_EQ(server.Findings(), "");
  EXPECT_EQ(server.BlobFiles().size(), server.Count(Table::kBlobs));
  StateText text;
  for (const auto& [name, content] : server.Files(SpaceId{1}))
    text += name + " " + std::to_string(content.size()) + " " + content.substr(0, 1) + "\n";
  for (const Table table : kCounted)
    text += std::to_string(static_cast<int>(table)) + ": " + std::to_string(server.Count(table)) +
            " rows\n";
  const auto view = engine.kv().Published();
  const auto add_label = [&](std::string_view, std::string_view value) {
    storage::Version version;
    CAIRN_CHECK(storage::ParseInto(value, version));
    text += "a version: " + version.label() + "\n";
    return true;
  };
  CAIRN_CHECK(view->Scan(Table::kVersions, {}, {}, add_label).has_value());
  for (const auto& session : *engine.uploads().List(*view, UserId{1}))
    text += session.record.name() + ": " + std::to_string(session.record.chunk_bytes()) + "\n";
  const auto user = server.users().FindByName(*view, "alice");
  CAIRN_CHECK(user.has_value() && user->has_value());
  text += (*user)->disabled() ? "disabled\n" : "enabled\n";
  const auto space = engine.tree().FindSpace(*view, SpaceId{1});
  text += "quota " + std::to_string((*space)->quota()) + "\n";
  return text;
}

}  // namespace cairn
