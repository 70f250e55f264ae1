// What happens between the first and the last byte of an upload: a PUT, or a chunk of a larger one.
// The server has looked at everything and said 100 Continue, half of the body is there; then the
// folder goes, the user, the quota. The last bytes must get the right refusal, and nothing of the
// upload may be seen, kept or reserved afterwards.
#include <gtest/gtest.h>

#include <optional>

#include "tests/integration/revocation_scene.h"

namespace cairn {
namespace {

struct Body {
  std::string name;
  std::size_t size;  // the inline limit is 16 KiB
  bool chunked;      // its length is not announced
};
const Body kBodies[] = {
    {"SmallWithLength", 600, false},
    {"SmallInChunks", 600, true},
    {"LargeWithLength", 200'000, false},
    {"LargeInChunks", 200'000, true},
};

// A PUT whose head and first half the server has.
class HalfSent {
 public:
  HalfSent(Scene& scene, std::string_view target, const std::string& content, bool chunked)
      : client_(scene.server().port()), rest_(content.substr(content.size() / 2)) {
    const std::string framing = chunked
                                    ? std::string("Transfer-Encoding: chunked\r\n")
                                    : "Content-Length: " + std::to_string(content.size()) + "\r\n";
    client_.Send("PUT " + std::string(target) + " HTTP/1.1\r\nHost: h\r\nAuthorization: Basic " +
                 ToBase64(scene.phone()) + "\r\nExpect: 100-continue\r\n" + framing + "\r\n");
    EXPECT_EQ(client_.Receive().status, 100);  // the first look is over
    const std::string half = content.substr(0, content.size() / 2);
    client_.Send(chunked ? Chunk(half) : half);
    if (chunked) rest_ = Chunk(rest_) + "0\r\n\r\n";
  }
  RawResponse Complete() {
    client_.Send(rest_);
    return client_.Receive();
  }

 private:
  static std::string Chunk(const std::string& bytes) {
    const std::uint64_t size = bytes.size();
    return ToHex(Big64(size)) + "\r\n" + bytes + "\r\n";
  }
  RawClient client_;
  std::string rest_;
};

// A refused upload leaves every row and every blob file as it was.
void ExpectRefused(Scene& scene, HalfSent& upload, int status,
                   const std::set<std::string>& blobs_before) {
  const auto rows = scene.server().Rows();
  const RawResponse answer = upload.Complete();
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_TRUE(answer.complete);
  EXPECT_NE(answer.body.find("<d:error"), std::string::npos);
  EXPECT_EQ(answer.Has("WWW-Authenticate"), status == 401);
  EXPECT_EQ(Difference(scene.server().Rows(), rows), "");
  EXPECT_EQ(Difference(scene.server().BlobFiles(), blobs_before), "");
}

std::string NewOrOld(bool existing) { return existing ? "OverAFile" : "New"; }

// ---- PUT

struct PutParam {
  Body body;
  bool existing;
  TargetRow row;
};
std::ostream& operator<<(std::ostream& out, const PutParam& param) {
  return out << param.body.name << NewOrOld(param.existing) << param.row.change;
}

std::vector<PutParam> PutParams() {
  std::vector<PutParam> all;
  for (const Body& body : kBodies) {
    for (const bool existing : {false, true}) {
      for (const TargetRow& row : TargetRows()) all.push_back({body, existing, row});
    }
  }
  return all;
}

class PutRevocationTest : public testing::TestWithParam<PutParam> {
 protected:
  Scene scene_;
};

TEST_P(PutRevocationTest, EndsAsItMust) {
  const auto& [body, existing, row] = GetParam();
  const std::string target(Scene::kTarget);
  const std::string content(body.size, 'n');
  if (existing) scene_.Put(target, "old content");
  const auto blobs = scene_.server().BlobFiles();
  FileMap files = scene_.Files();

  HalfSent upload(scene_, Scene::Url(target), content, body.chunked);
  scene_.Apply(row.change);
  if (row.change.effect) row.change.effect(files);
  if (row.put != 0) {
    ExpectRefused(scene_, upload, row.put, blobs);
  } else {
    EXPECT_EQ(upload.Complete().status, existing ? 204 : 201);
    files[target] = content;
  }
  EXPECT_EQ(Difference(scene_.Files(), files), "");
  scene_.ExpectClean();
}

INSTANTIATE_TEST_SUITE_P(All, PutRevocationTest, testing::ValuesIn(PutParams()),
                         testing::PrintToStringParamName());

// The bytes of a running upload are promised to it: what others do cannot take them.
TEST(PutReservationTest, AnotherUploadCannotTakeWhatIsPromised) {
  Scene scene;
  const std::uint64_t there = 40'000 + 20'000 + 13;
  const std::string content(200'000, 'n');
  scene.server().Occ(
      {"user:setting", "alice", "files", "quota", std::to_string(there + content.size()) + " B"});
  HalfSent upload(scene, Scene::Url("docs/f"), content, false);
  scene.Do({"PUT", Scene::Url("greedy"), {}, "x", 507});
  EXPECT_EQ(upload.Complete().status, 201);
  scene.ExpectClean();
}

// Two that fit together just so: while the first waits for the disk the second is judged, and must
// not find its bytes twice.
TEST(PutReservationTest, UploadsThatFillItTogetherBothEnd) {
  Scene scene(std::filesystem::temp_directory_path());
  const std::uint64_t there = 40'000 + 20'000 + 13;
  const std::string content(200'000, 'n');
  scene.server().Occ({"user:setting", "alice", "files", "quota",
                      std::to_string(there + 2 * content.size()) + " B"});
  Line line(scene.server().engine().kv().writers(), scene.space_key());
  RawClient first(scene.server().port());
  RawClient second(scene.server().port());
  first.Send(BasicRequest("PUT", Scene::Url("docs/1"), scene.phone(), content));
  line.Await(1);
  second.Send(BasicRequest("PUT", Scene::Url("docs/2"), scene.phone(), content));
  line.Await(2);
  line.Open();
  EXPECT_EQ(first.Receive().status, 201);
  EXPECT_EQ(second.Receive().status, 201);
  scene.ExpectClean();
}

// ---- a chunk

struct ChunkParam {
  bool chunked;
  bool existing;
  SessionRow row;
};
std::ostream& operator<<(std::ostream& out, const ChunkParam& param) {
  return out << (param.chunked ? "InChunks" : "WithLength") << NewOrOld(param.existing)
             << param.row.change;
}

std::vector<ChunkParam> ChunkParams() {
  std::vector<ChunkParam> all;
  for (const bool chunked : {false, true}) {
    for (const bool existing : {false, true}) {
      for (const SessionRow& row : SessionRows()) all.push_back({chunked, existing, row});
    }
  }
  return all;
}

// An upload with one chunk and a second, or the first again, on its way.
class ChunkCase {
 protected:
  void Begin() {
    scene_.Do({"MKCOL", std::string(Scene::kSession)});
    scene_.Do({"PUT", Url("1"), {}, first_});
  }
  static std::string Url(const std::string& name) {
    return std::string(Scene::kSession) + "/" + name;
  }
  int Assemble(std::string_view path) {
    RawClient client(scene_.server().port());
    return client
        .Exchange(BasicRequest("MOVE", Url(".file"), scene_.desk(), {}, Scene::Destination(path)))
        .status;
  }

  Scene scene_;
  const std::string first_ = std::string(50'000, '1');
  const std::string second_ = std::string(70'000, '2');
};

class ChunkRevocationTest : public ChunkCase, public testing::TestWithParam<ChunkParam> {};

TEST_P(ChunkRevocationTest, EndsAsItMust) {
  const auto& [chunked, existing, row] = GetParam();
  Begin();
  const auto blobs = scene_.server().BlobFiles();
  FileMap files = scene_.Files();

  HalfSent upload(scene_, Url(existing ? "1" : "2"), second_, chunked);
  scene_.Apply(row.change);
  if (row.chunk != 0) {
    ExpectRefused(scene_, upload, row.chunk, blobs);
  } else {
    EXPECT_EQ(upload.Complete().status, existing ? 204 : 201);
    EXPECT_EQ(Assemble(Scene::kTarget), 201);
    files[std::string(Scene::kTarget)] = existing ? second_ : first_ + second_;
  }
  EXPECT_EQ(Difference(scene_.Files(), files), "");
  scene_.ExpectClean();
}

INSTANTIATE_TEST_SUITE_P(All, ChunkRevocationTest, testing::ValuesIn(ChunkParams()),
                         testing::PrintToStringParamName());

// A chunk knows nothing of the destination: it is the MOVE that names it, and finds what is there
// then. What it refuses costs no chunk.
class ChunkTargetRevocationTest : public ChunkCase, public testing::TestWithParam<TargetRow> {};

std::vector<TargetRow> RowsOfTheDesk() {
  std::vector<TargetRow> rows;
  for (TargetRow row : TargetRows()) {
    if (row.change.decree) continue;  // those stop the chunk itself
    const bool a_folder_again = row.change.steps.size() == 2;
    if (a_folder_again) row.assemble = 0;
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST_P(ChunkTargetRevocationTest, TheMoveFindsIt) {
  const TargetRow& row = GetParam();
  const std::string target(Scene::kTarget);
  Begin();
  FileMap files = scene_.Files();
  HalfSent upload(scene_, Url("2"), second_, false);
  scene_.Apply(row.change);
  if (row.change.effect) row.change.effect(files);
  EXPECT_EQ(upload.Complete().status, 201);
  EXPECT_EQ(Assemble(target), row.assemble == 0 ? 201 : row.assemble);
  if (row.assemble != 0) {
    EXPECT_EQ(Difference(scene_.Files(), files), "");
    EXPECT_EQ(Assemble("rescued"), 201);
  }
  files[row.assemble == 0 ? target : "rescued"] = first_ + second_;
  EXPECT_EQ(Difference(scene_.Files(), files), "");
  scene_.ExpectClean();
}

INSTANTIATE_TEST_SUITE_P(All, ChunkTargetRevocationTest, testing::ValuesIn(RowsOfTheDesk()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace cairn
