// What users saw: `cairn fsck` reported damage in a healthy directory. A MOVE of an upload's chunks
// was refused (or the power failed) after its manifest pages were written; then chunks were
// replaced or removed so that one or none with content was left, and the MOVE was repeated. The
// pages of the first attempt stayed with a content that has none.
#include <gtest/gtest.h>

#include "storage/fsck.h"
#include "tests/storage/engine_case.h"

namespace cairn::storage {
namespace {

class UploadPagesOfARefusedMove : public EngineCase {
 protected:
  // Two chunks, whose MOVE is refused because the destination exists.
  UploadPagesOfARefusedMove() {
    CAIRN_CHECK(Put("there", "x").has_value());
    CAIRN_CHECK(InSession([&](KvTxn& txn) {
                  return engine_->uploads().Create(txn, alice_, kHome, kSession, std::nullopt);
                }).has_value());
    Send("1", std::string(5000, 'a'));
    Send("2", std::string(5000, 'b'));
    const auto refused = Finish("there", false);
    CAIRN_CHECK(Is(refused.error(), ErrorCode::kPreconditionFailed));
  }

  template <class Body>
  auto InSession(Body body) -> std::invoke_result_t<Body&, KvTxn&> {
    return CommitBlocking(kv(), {SessionKey(alice_.user, kSession)}, body);
  }
  void Send(const std::string& name, const std::string& bytes) {
    const auto info = engine_->uploads().Find(*kv().Published(), alice_.user, kSession);
    const auto writer = std::move(*engine_->uploads().BeginChunk(**info));
    CAIRN_CHECK(writer->Append(AsBytes(bytes)).has_value());
    CAIRN_CHECK(writer->Finish().has_value());
    const NewChunk chunk{writer->id(), writer->length()};
    CAIRN_CHECK(InSession([&](KvTxn& txn) {
                  return engine_->uploads().AddChunk(txn, alice_, kSession, name, chunk);
                }).has_value());
  }
  Result<FinishOutcome> Finish(std::string_view path, bool overwrite) {
    FinishRequest request;
    request.session = kSession;
    request.destination = At(path);
    request.overwrite = overwrite;
    return engine_->uploads().Finish({.caller = alice_}, request);
  }
  void ExpectNoFindings() {
    ASSERT_TRUE(Ok(CollectStep(kv(), engine_->contents(), 1000, false)));
    const FsckOptions thorough{.read_data = true, .orphan_grace_seconds = 0};
    const auto report = Fsck(kv(), engine_->contents(), thorough);
    ASSERT_TRUE(Ok(report));
    for (const Finding& finding : report->findings)
      ADD_FAILURE() << Name(finding.kind) << ": " << finding.what;
  }

  static constexpr const char* kSession = "up";
};

TEST_F(UploadPagesOfARefusedMove, GoWhenOneChunkIsLeft) {
  Send("2", "");
  ASSERT_TRUE(Ok(Finish("file", true)));
  EXPECT_EQ(Stat("file").node.size(), 5000u);
  ExpectNoFindings();
}

TEST_F(UploadPagesOfARefusedMove, GoWhenNothingIsLeft) {
  Send("1", "");
  Send("2", "");
  ASSERT_TRUE(Ok(Finish("file", true)));
  EXPECT_EQ(Stat("file").node.size(), 0u);
  ExpectNoFindings();
}

TEST_F(UploadPagesOfARefusedMove, AreReplacedByThoseOfTheNext) {
  Send("2", std::string(3000, 'c'));
  ASSERT_TRUE(Ok(Finish("file", true)));
  EXPECT_EQ(Stat("file").node.size(), 8000u);
  ExpectNoFindings();
}

}  // namespace
}  // namespace cairn::storage
