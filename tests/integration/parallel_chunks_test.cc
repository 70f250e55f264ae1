// Six chunks at once, as the desktop client sends them, that arrive in reversed order: what the
// MOVE says about the whole is verified, kept and shown.
#include <gmock/gmock.h>

#include <memory>
#include <set>

#include "base/hash.h"
#include "tests/integration/revocation_scene.h"

namespace cairn {
namespace {

using testing::HasSubstr;

class ParallelChunksTest : public testing::Test {
 protected:
  static constexpr int kChunks = 6;
  static constexpr std::size_t kRepeated = 64;  // more than there are threads

  ParallelChunksTest() {
    for (int i = 1; i <= kChunks; ++i) {
      std::string chunk(40'000, static_cast<char>('0' + i));
      chunk[static_cast<std::size_t>(i)] = '-';  // no two alike but in order
      whole_ += chunk;
      chunks_.push_back(std::move(chunk));
    }
  }
  static std::string Url(std::string_view name) {
    return std::string(Scene::kSession) + "/" + std::string(name);
  }
  // All on their way at once; the last in order is the first to be stored.
  void SendReversed() {
    scene_.Do({"MKCOL", std::string(Scene::kSession)});
    Line line(scene_.server().engine().kv().writers(), scene_.session_key());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = kChunks; i >= 1; --i) {
      clients.push_back(std::make_unique<RawClient>(scene_.server().port()));
      clients.back()->Send(BasicRequest("PUT", Url("0000" + std::to_string(i)), scene_.phone(),
                                        chunks_[static_cast<std::size_t>(i - 1)]));
      line.Await(clients.size());
    }
    line.Open();
    for (const auto& client : clients) EXPECT_EQ(client->Receive().status, 201);
  }
  RawResponse Ask(std::string_view method, std::string_view target, const std::string& fields = {},
                  std::string_view body = {}) {
    RawClient client(scene_.server().port());
    return client.Exchange(BasicRequest(method, target, scene_.phone(), body, fields));
  }
  RawResponse Move(const std::string& checksums) {
    return Ask("MOVE", Url(".file"),
               Scene::Destination("docs/f") + "OC-Checksum: " + checksums +
                   "\r\nOC-Total-Length: " + std::to_string(whole_.size()) + "\r\n");
  }
  std::string Sum(HashKind kind) const {
    return std::string(Name(kind)) + ":" + HashOf(kind, whole_).hex;
  }

  Scene scene_{std::filesystem::temp_directory_path()};
  std::vector<std::string> chunks_;
  std::string whole_;
};

TEST_F(ParallelChunksTest, ChecksumsOfTheMoveAreKeptAndShown) {
  SendReversed();
  const std::string sha1 = Sum(HashKind::kSha1);
  const std::string md5 = Sum(HashKind::kMd5);
  EXPECT_EQ(Move(sha1 + " " + md5).status, 201);
  const RawResponse got = Ask("GET", Scene::Url("docs/f"));
  EXPECT_EQ(got.body, whole_);
  EXPECT_EQ(got.Header("OC-Checksum"), sha1 + " " + md5);
  const RawResponse listed = Ask(
      "PROPFIND", Scene::Url("docs/f"), "Depth: 0\r\n",
      R"(<d:propfind xmlns:d="DAV:"><d:prop><oc:checksums xmlns:oc="http://owncloud.org/ns"/></d:prop></d:propfind>)");
  EXPECT_EQ(listed.status, 207);
  EXPECT_THAT(listed.body,
              HasSubstr("<oc:checksums><oc:checksum>" + sha1 + "</oc:checksum><oc:checksum>" + md5 +
                        "</oc:checksum></oc:checksums>"));
  scene_.ExpectClean();
}

TEST_F(ParallelChunksTest, AWrongChecksumIsRefusedAndCostsNoChunk) {
  scene_.Put("docs/f", "old content");
  SendReversed();
  const FileMap files = scene_.Files();
  const std::string reversed = [&] {
    std::string bytes;
    for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) bytes += *chunk;
    return bytes;
  }();
  for (const std::string& wrong : {"SHA1:" + HashOf(HashKind::kSha1, reversed).hex,
                                   "MD5:" + HashOf(HashKind::kMd5, reversed).hex,
                                   Sum(HashKind::kSha1) + " ADLER32:00000001"}) {
    const RawResponse refused = Move(wrong);
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_THAT(refused.body, HasSubstr("Sabre\\DAV\\Exception\\BadRequest"));
    EXPECT_EQ(Difference(scene_.Files(), files), "");
  }
  EXPECT_EQ(Move(Sum(HashKind::kSha1)).status, 204);
  EXPECT_EQ(Ask("GET", Scene::Url("docs/f")).body, whole_);
  scene_.ExpectClean();
}

// Clients repeat a MOVE whose answer they did not get. However many do, others are served.
TEST_F(ParallelChunksTest, RepeatedMovesAwaitTheirTurnOnNoThread) {
  SendReversed();
  const std::string request =
      BasicRequest("MOVE", Url(".file"), scene_.phone(), {}, Scene::Destination("docs/f"));
  Line line(scene_.server().engine().kv().writers(), scene_.assembly_key());
  std::vector<std::unique_ptr<RawClient>> clients;
  while (clients.size() < kRepeated) {
    clients.push_back(std::make_unique<RawClient>(scene_.server().port()));
    clients.back()->Send(request);
    line.Await(clients.size());
  }
  scene_.Put("docs/g", std::string(100'000, 'g'));
  line.Open();
  std::set<std::string> etags;
  for (const auto& client : clients) {
    const RawResponse answer = client->Receive();
    EXPECT_EQ(answer.status, 201);
    etags.insert(answer.Header("ETag"));
  }
  EXPECT_EQ(etags.size(), 1u);
  EXPECT_EQ(Ask("GET", Scene::Url("docs/f")).body, whole_);
  scene_.ExpectClean();
}

// While one chunk waits for the disk the next one is judged: its bytes must not count twice.
TEST_F(ParallelChunksTest, TheyMayFillTheQuotaExactly) {
  std::size_t there = 0;
  for (const auto& [name, content] : scene_.Files()) there += content.size();
  scene_.server().Occ(
      {"user:setting", "alice", "files", "quota", std::to_string(there + whole_.size()) + " B"});
  SendReversed();
  EXPECT_EQ(Move(Sum(HashKind::kSha1)).status, 201);
  scene_.ExpectClean();
}

}  // namespace
}  // namespace cairn
