// What happens between the head of a MOVE or COPY and its commit. There is no body to wait in: the
// request has made its first look and stands in line for the writer key of the space (or of the
// upload's session), behind the change, which therefore commits first.
#include <gtest/gtest.h>

#include "tests/integration/revocation_scene.h"

namespace cairn {
namespace {

struct Verb {
  std::string name;
  std::string method;
  std::string source;
};
const Verb kMove{"MoveAFile", "MOVE", "src/a.bin"};
const Verb kMoveFolder{"MoveAFolder", "MOVE", "src/tree"};
const Verb kCopy{"CopyAFile", "COPY", "src/a.bin"};
const Verb kCopyFolder{"CopyAFolder", "COPY", "src/tree"};

// What a transfer of `source` to docs/f does.
void Transfer(FileMap& files, const Verb& verb) {
  const std::string target(Scene::kTarget);
  FileMap moved;
  for (const auto& [name, content] : files) {
    if (name == verb.source || name.starts_with(verb.source + "/"))
      moved[target + name.substr(verb.source.size())] = content;
  }
  files.erase(target);
  if (verb.method == "MOVE") {
    std::erase_if(files, [&](const auto& file) {
      return file.first == verb.source || file.first.starts_with(verb.source + "/");
    });
  }
  files.merge(moved);
}

struct TransferParam {
  Verb verb;
  bool existing;
  Change change;
  int status;  // 0: it succeeds
};
std::ostream& operator<<(std::ostream& out, const TransferParam& param) {
  return out << param.verb.name << (param.existing ? "OverAFile" : "New") << param.change;
}

std::vector<TransferParam> TargetParams() {
  std::vector<TransferParam> all;
  for (const Verb& verb : {kMove, kMoveFolder, kCopy, kCopyFolder}) {
    for (const bool existing : {false, true}) {
      for (const TargetRow& row : TargetRows())
        all.push_back({verb, existing, row.change, verb.method == "MOVE" ? row.move : row.copy});
    }
  }
  return all;
}

std::vector<TransferParam> SourceParams() {
  std::vector<TransferParam> all;
  for (const Verb& verb : {kMove, kMoveFolder, kCopy, kCopyFolder}) {
    for (const SourceRow& row : SourceRows())
      all.push_back({verb, true, row.change, verb.method == "MOVE" ? row.move : row.copy});
  }
  return all;
}

class TransferRevocationTest : public testing::TestWithParam<TransferParam> {
 protected:
  Scene scene_;
};

TEST_P(TransferRevocationTest, EndsAsItMust) {
  const auto& [verb, existing, change, status] = GetParam();
  if (existing) scene_.Put(Scene::kTarget, "old content");
  FileMap files = scene_.Files();
  const RawResponse answer =
      scene_.Interleave(scene_.space_key(), change,
                        BasicRequest(verb.method, Scene::Url(verb.source), scene_.phone(), {},
                                     Scene::Destination(Scene::kTarget)));
  EXPECT_EQ(answer.status, status != 0 ? status : existing ? 204 : 201) << answer.body;
  if (change.effect) change.effect(files);
  if (status == 0) Transfer(files, verb);
  EXPECT_EQ(Difference(scene_.Files(), files), "");
  scene_.ExpectClean();
}

INSTANTIATE_TEST_SUITE_P(Target, TransferRevocationTest, testing::ValuesIn(TargetParams()),
                         testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Source, TransferRevocationTest, testing::ValuesIn(SourceParams()),
                         testing::PrintToStringParamName());

// ---- the MOVE that ends an upload

struct AssembleParam {
  int chunks;
  bool existing;
  Change change;
  int status;  // 0: it succeeds
  bool of_session = false;
};
std::ostream& operator<<(std::ostream& out, const AssembleParam& param) {
  return out << (param.chunks == 1 ? "OneChunk" : "ManyChunks")
             << (param.existing ? "OverAFile" : "New") << param.change;
}

std::vector<AssembleParam> AssembleParams() {
  std::vector<AssembleParam> all;
  for (const int chunks : {1, 3}) {
    for (const bool existing : {false, true}) {
      for (const TargetRow& row : TargetRows())
        all.push_back({chunks, existing, row.change, row.assemble});
      for (const SessionRow& row : SessionRows()) {
        const bool stands_in_line = !row.change.steps.empty() && row.change.steps[0].refusal == 0;
        if (stands_in_line) all.push_back({chunks, existing, row.change, row.assemble, true});
      }
    }
  }
  return all;
}

class AssembleRevocationTest : public testing::TestWithParam<AssembleParam> {
 protected:
  // The session with its chunks; their bytes.
  std::string Upload(int chunks) {
    scene_.Do({"MKCOL", std::string(Scene::kSession)});
    std::string all;
    for (int i = 1; i <= chunks; ++i) {
      const std::string bytes(30'000, static_cast<char>('0' + i));
      scene_.Do({"PUT", std::string(Scene::kSession) + "/" + std::to_string(i), {}, bytes});
      all += bytes;
    }
    return all;
  }
  std::string Move(const std::string& login, std::string_view path) {
    return BasicRequest("MOVE", std::string(Scene::kSession) + "/.file", login, {},
                        Scene::Destination(path));
  }

  Scene scene_;
};

TEST_P(AssembleRevocationTest, EndsAsItMust) {
  const auto& [chunks, existing, change, status, of_session] = GetParam();
  const std::string content = Upload(chunks);
  if (existing) scene_.Put(Scene::kTarget, "old content");
  FileMap files = scene_.Files();
  const auto key = of_session ? scene_.session_key() : scene_.space_key();
  const RawResponse answer = scene_.Interleave(key, change, Move(scene_.phone(), Scene::kTarget));
  EXPECT_EQ(answer.status, status != 0 ? status : existing ? 204 : 201) << answer.body;
  if (change.effect) change.effect(files);
  if (status == 0) files[std::string(Scene::kTarget)] = content;
  EXPECT_EQ(Difference(scene_.Files(), files), "");
  // What stopped it did not cost the chunks, unless it was the session itself that went.
  if (status == 404 || status == 409 || status == 415 || status == 423) {
    RawClient client(scene_.server().port());
    const int again = client.Exchange(Move(scene_.desk(), "rescued")).status;
    EXPECT_EQ(again, !of_session ? 201 : change.steps.size() == 1 ? 404 : 400);
    if (!of_session) files["rescued"] = content;
    EXPECT_EQ(Difference(scene_.Files(), files), "");
  }
  scene_.ExpectClean();
}

INSTANTIATE_TEST_SUITE_P(All, AssembleRevocationTest, testing::ValuesIn(AssembleParams()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace cairn
