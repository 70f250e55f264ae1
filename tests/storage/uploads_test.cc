#include "storage/uploads.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/storage/engine_case.h"

namespace cairn::storage {
namespace {

class UploadsTest : public EngineCase {
 protected:
  Uploads& uploads() { return engine_->uploads(); }

  template <class Body>
  auto InSession(const std::string& session, Body body) -> std::invoke_result_t<Body&, KvTxn&> {
    return CommitBlocking(kv(), {SessionKey(alice_.user, session)}, body);
  }
  Result<SessionInfo> Begin(const std::string& session, std::optional<std::uint64_t> total = {}) {
    return InSession(
        session, [&](KvTxn& txn) { return uploads().Create(txn, alice_, kHome, session, total); });
  }
  // PUT of one chunk, as a handler does it.
  Result<Uploads::AddedChunk> Send(const std::string& session, const std::string& name,
                                   const std::string& bytes) {
    ASSIGN_OR_RETURN(const auto info, uploads().Find(*kv().Published(), alice_.user, session));
    if (!info) return Fail(ErrorCode::kNotFound, "no such upload");
    ASSIGN_OR_RETURN(const auto writer, uploads().BeginChunk(*info));
    Hasher sha1(HashKind::kSha1);
    RETURN_IF_ERROR(writer->Append(AsBytes(bytes)));
    sha1.Update(AsBytes(bytes));
    RETURN_IF_ERROR(writer->Finish());
    const NewChunk chunk{writer->id(), writer->length()};
    auto added = InSession(
        session, [&](KvTxn& txn) { return uploads().AddChunk(txn, alice_, session, name, chunk); });
    if (added.has_value()) uploads().ChunkAdded(*info, name, chunk, &sha1);
    return added;
  }
  Result<void> RemoveChunk(const std::string& session, const std::string& name) {
    return InSession(session,
                     [&](KvTxn& txn) { return uploads().RemoveChunk(txn, alice_, session, name); });
  }
  Result<void> Abort(const std::string& session) {
    return InSession(session, [&](KvTxn& txn) { return uploads().Abort(txn, alice_, session); });
  }
  static FinishRequest To(const std::string& session, std::string_view path) {
    FinishRequest request;
    request.session = session;
    request.destination = At(path);
    return request;
  }
  Result<FinishOutcome> Finish(const FinishRequest& request) {
    const WriteContext context{.caller = alice_};
    return uploads().Finish(context, request);
  }
  Result<FinishOutcome> Finish(const std::string& session, std::string_view path) {
    return Finish(To(session, path));
  }

  std::vector<std::string> ChunkNames(const std::string& session) {
    const auto view = kv().Published();
    const auto info = *uploads().Find(*view, alice_.user, session);
    std::vector<std::string> names;
    if (!info) return names;
    for (const ChunkInfo& chunk : *uploads().Chunks(*view, *info)) names.push_back(chunk.name);
    return names;
  }
  bool Exists(std::string_view path) {
    return tree().Resolve(*kv().Published(), At(path)).has_value();
  }
  Result<std::string> Read(std::string_view path) {
    const Entry entry = Stat(path);
    const auto content = ContentId::FromBytes(entry.node.content());
    ASSIGN_OR_RETURN(const auto reader,
                     engine_->contents().Open(*kv().Published(), content ? *content : ContentId{}));
    std::string all;
    RETURN_IF_ERROR(reader->Read(0, reader->size(), all));
    EXPECT_EQ(entry.node.size(), all.size());
    return all;
  }
  std::size_t Rows(Table table) {
    std::size_t rows = 0;
    const auto visit = [&](std::string_view, std::string_view) {
      ++rows;
      return true;
    };
    EXPECT_TRUE(kv().Published()->Scan(table, {}, {}, visit).has_value());
    return rows;
  }
  void Collect() {
    const auto report = CollectStep(kv(), engine_->contents(), 100'000, false);
    ASSERT_TRUE(Ok(report));
  }
  void ExpectNoGarbage(std::size_t blobs_left) {
    Collect();
    EXPECT_EQ(blobs_->count(), blobs_left);
    EXPECT_EQ(Rows(Table::kBlobs), blobs_left);
    EXPECT_EQ(Rows(Table::kUploads), 0u);
    EXPECT_EQ(Rows(Table::kChunks), 0u);
    EXPECT_EQ(Rows(Table::kCandidates), 0u);
  }
  static std::string Bytes(std::size_t size, char first) {
    std::string out(size, first);
    for (std::size_t i = 0; i < size; i += 13) out[i] = static_cast<char>(i);
    return out;
  }
};

TEST_F(UploadsTest, ChunksBecomeOneFile) {
  ASSERT_TRUE(Ok(Begin("up", 210'000)));
  std::string whole;
  for (int i = 1; i <= 3; ++i) {
    const std::string bytes = Bytes(70'000, static_cast<char>('a' + i));
    const auto sent = Send("up", "0000" + std::to_string(i), bytes);
    ASSERT_TRUE(Ok(sent));
    EXPECT_TRUE(sent->created);
    whole += bytes;
  }
  FinishRequest request = To("up", "big.bin");
  request.total_length = 210'000;
  request.expected = {HashOf(HashKind::kSha1, whole), HashOf(HashKind::kMd5, whole),
                      HashOf(HashKind::kAdler32, whole)};
  request.put.checksums = "SHA1:" + request.expected[0].hex;
  request.put.mtime = 1'600'000'000;
  request.mtime_accepted = true;
  const auto done = Finish(request);
  ASSERT_TRUE(Ok(done));
  EXPECT_TRUE(done->created);
  EXPECT_FALSE(done->replayed);
  EXPECT_TRUE(done->mtime_accepted);
  EXPECT_EQ(done->permissions, kAllPermissions);
  const Entry entry = Stat("big.bin");
  EXPECT_EQ(entry.id(), done->node);
  EXPECT_EQ(entry.etag(), done->etag);
  EXPECT_EQ(entry.node.mtime(), 1'600'000'000);
  EXPECT_EQ(entry.node.checksums(), request.put.checksums);
  EXPECT_EQ(*Read("big.bin"), whole);
  ExpectNoGarbage(3);
}

TEST_F(UploadsTest, OneChunkIsOneBlob) {
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "just this")));
  ASSERT_TRUE(Ok(Finish("up", "f")));
  EXPECT_EQ(*Read("f"), "just this");
  EXPECT_EQ(Rows(Table::kManifests), 0u);
  ExpectNoGarbage(1);
}

TEST_F(UploadsTest, OverwritingReleasesTheOldContent) {
  ASSERT_TRUE(Ok(Put("f", std::string(50'000, 'o'))));
  const Entry before = Stat("f");
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "new ")));
  ASSERT_TRUE(Ok(Send("up", "2", "bytes")));
  const auto done = Finish("up", "f");
  ASSERT_TRUE(Ok(done));
  EXPECT_FALSE(done->created);
  EXPECT_EQ(done->node, before.id());
  EXPECT_FALSE(done->etag == before.etag());
  EXPECT_EQ(*Read("f"), "new bytes");
  ExpectNoGarbage(2);
  ASSERT_TRUE(Ok(Remove("f")));
  while (*tree().PurgeStep(kv(), kHome, 100) > 0) {
  }
  ExpectNoGarbage(0);
}

TEST_F(UploadsTest, NamesOfEveryClientGiveTheRightOrder) {
  const std::vector<std::vector<std::string>> clients = {
      {"1", "2", "9", "10", "11"},                    // unpadded
      {"00001", "00002", "00003", "00010", "00011"},  // desktop 3.16
      {"0000000000000000", "0000000000000001", "0000000000000002", "0000000000000010",
       "0000000000000011"},                                // 3.7
      {"000001", "000002", "000003", "000004", "000005"},  // Android
      {"part-2", "part-10", "part-10b", "part-11", "z"},
  };
  for (std::size_t client = 0; client < clients.size(); ++client) {
    const std::string session = "s" + std::to_string(client);
    ASSERT_TRUE(Ok(Begin(session)));
    std::string whole;
    for (std::size_t i = 0; i < 5; ++i) whole += std::string(1000, static_cast<char>('A' + i));
    for (const std::size_t i : {4u, 1u, 0u, 3u, 2u}) {
      ASSERT_TRUE(
          Ok(Send(session, clients[client][i], std::string(1000, static_cast<char>('A' + i)))));
    }
    EXPECT_EQ(ChunkNames(session), clients[client]);
    FinishRequest request = To(session, "f" + session);
    request.expected = {HashOf(HashKind::kSha1, whole)};
    ASSERT_TRUE(Ok(Finish(request)));
    EXPECT_EQ(*Read("f" + session), whole);
  }
}

TEST_F(UploadsTest, RangesOfRcloneMustJoin) {
  const std::string first = "000000000000000-000000000000999";
  const std::string second = "000000000001000-000000000001499";
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", second, std::string(500, 'b'))));
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kInvalidArgument)) << "a gap at the beginning";
  ASSERT_TRUE(Ok(Send("up", first, std::string(900, 'a'))));
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kInvalidArgument))
      << "shorter than its name says";
  ASSERT_TRUE(Ok(Send("up", first, std::string(1000, 'a'))));
  ASSERT_TRUE(Ok(Finish("up", "f")));
  EXPECT_EQ(*Read("f"), std::string(1000, 'a') + std::string(500, 'b'));
  ExpectNoGarbage(2);
}

TEST_F(UploadsTest, AWrongChecksumStoresNothingAndKeepsTheSession) {
  ASSERT_TRUE(Ok(Begin("up")));
  std::vector<std::string> bytes;
  std::string whole;
  for (int i = 0; i < 6; ++i) {
    bytes.push_back(Bytes(80'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i)));
    whole += bytes.back();
  }
  std::vector<std::thread> senders;
  for (std::size_t i = 6; i-- > 0;) {
    senders.emplace_back(
        [&, i] { EXPECT_TRUE(Ok(Send("up", "0000" + std::to_string(i + 1), bytes[i]))); });
  }
  for (std::thread& sender : senders) sender.join();
  FinishRequest request = To("up", "f");
  for (const HashKind kind : {HashKind::kSha1, HashKind::kMd5}) {
    request.expected = {HashOf(kind, whole + "!")};
    EXPECT_TRUE(Refused(Finish(request), ErrorCode::kChecksumMismatch));
    EXPECT_FALSE(Exists("f"));
    EXPECT_EQ(ChunkNames("up").size(), 6u);
  }
  request.expected = {HashOf(HashKind::kMd5, whole), HashOf(HashKind::kSha1, whole)};
  ASSERT_TRUE(Ok(Finish(request)));
  EXPECT_EQ(*Read("f"), whole);
  ExpectNoGarbage(6);
}

TEST_F(UploadsTest, LengthsMustAddUpWhenDeclared) {
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "12345")));
  FinishRequest request = To("up", "f");
  request.total_length = 7;
  const auto refused = Finish(request);
  ASSERT_TRUE(Refused(refused, ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused.error().message, "Chunks on server do not sum up to 7 but to 5 bytes");
  EXPECT_EQ(ChunkNames("up").size(), 1u);
  EXPECT_FALSE(Exists("f"));

  ASSERT_TRUE(Ok(Begin("declared", 9)));
  ASSERT_TRUE(Ok(Send("declared", "1", "12345")));
  EXPECT_TRUE(Refused(Finish("declared", "f"), ErrorCode::kInvalidArgument));
  ASSERT_TRUE(Ok(Send("declared", "2", "6789")));
  EXPECT_TRUE(Ok(Finish("declared", "f")));
}

TEST_F(UploadsTest, NothingAtAllIsAnEmptyFileOnlyWhenDeclared) {
  ASSERT_TRUE(Ok(Begin("up")));
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kInvalidArgument));
  FinishRequest request = To("up", "f");
  request.total_length = 0;
  request.expected = {HashOf(HashKind::kSha1, "")};
  ASSERT_TRUE(Ok(Finish(request)));
  EXPECT_EQ(*Read("f"), "");
  ASSERT_TRUE(Ok(Begin("zero", 0)));
  EXPECT_TRUE(Ok(Finish("zero", "g")));
  ExpectNoGarbage(0);
}

TEST_F(UploadsTest, EmptyChunksAreLeftOut) {
  ASSERT_TRUE(Ok(Begin("up")));
  for (const auto& [name, bytes] :
       std::vector<std::pair<std::string, std::string>>{{"1", "ab"}, {"2", ""}, {"3", "cd"}}) {
    ASSERT_TRUE(Ok(Send("up", name, bytes)));
  }
  FinishRequest request = To("up", "f");
  request.expected = {HashOf(HashKind::kSha1, "abcd")};
  ASSERT_TRUE(Ok(Finish(request)));
  EXPECT_EQ(*Read("f"), "abcd");
  ASSERT_TRUE(Ok(Begin("empty")));
  ASSERT_TRUE(Ok(Send("empty", "1", "")));
  ASSERT_TRUE(Ok(Finish("empty", "g")));
  EXPECT_EQ(*Read("g"), "");
  ExpectNoGarbage(2);
}

TEST_F(UploadsTest, ARepeatedMoveGetsTheSameAnswer) {
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "bytes")));
  FinishRequest request = To("up", "f");
  request.ctime_accepted = true;
  const auto first = Finish(request);
  ASSERT_TRUE(Ok(first));
  const auto again = Finish(To("up", "f"));
  ASSERT_TRUE(Ok(again));
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->node, first->node);
  EXPECT_EQ(again->etag, first->etag);
  EXPECT_TRUE(again->created);
  EXPECT_TRUE(again->ctime_accepted);
  EXPECT_EQ(again->permissions, kAllPermissions);
  EXPECT_EQ(Stat("f").etag(), first->etag) << "nothing was written";
  EXPECT_TRUE(Refused(Finish("up", "elsewhere"), ErrorCode::kNotFound))
      << "another destination is another wish";
  Pass(kUploadResultSeconds);
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kNotFound));
}

TEST_F(UploadsTest, ANewSessionOfTheSameNameHasItsOwnAnswer) {
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "old")));
  ASSERT_TRUE(Ok(Finish("up", "f")));
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Abort("up")));
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kNotFound));
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "new")));
  const auto done = Finish("up", "f");
  ASSERT_TRUE(Ok(done));
  EXPECT_FALSE(done->replayed);
  EXPECT_EQ(*Read("f"), "new");
}

TEST_F(UploadsTest, ConcurrentMovesGetTheSameAnswer) {
  ASSERT_TRUE(Ok(Begin("up")));
  std::string whole;
  for (int i = 0; i < 20; ++i) {
    const std::string bytes = Bytes(10'000, static_cast<char>('a' + i));
    ASSERT_TRUE(Ok(Send("up", std::to_string(i), bytes)));
    whole += bytes;
  }
  std::vector<Result<FinishOutcome>> outcomes(6, Fail(ErrorCode::kIo));
  std::vector<std::thread> movers;
  for (auto& outcome : outcomes) {
    movers.emplace_back([&] {
      FinishRequest request = To("up", "f");
      request.expected = {HashOf(HashKind::kSha1, whole)};
      outcome = Finish(request);
    });
  }
  for (std::thread& mover : movers) mover.join();
  int replayed = 0;
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(Ok(outcome));
    EXPECT_EQ(outcome->node, outcomes[0]->node);
    EXPECT_EQ(outcome->etag, outcomes[0]->etag);
    replayed += outcome->replayed;
  }
  EXPECT_EQ(replayed, 5);
  EXPECT_EQ(*Read("f"), whole);
}

// The file is one that was there at some time: never chunks of two states.
TEST_F(UploadsTest, AChunkSentAgainDuringTheMoveIsAllOrNothing) {
  for (int round = 0; round < 10; ++round) {
    const std::string session = "r" + std::to_string(round);
    ASSERT_TRUE(Ok(Begin(session)));
    for (int i = 1; i <= 5; ++i)
      ASSERT_TRUE(Ok(Send(session, std::to_string(i), std::string(5000, 'a'))));
    std::thread sender([&] {
      const auto sent = Send(session, "3", std::string(5000, 'b'));
      EXPECT_TRUE(sent.has_value() || Is(sent.error(), ErrorCode::kNotFound))
          << sent.error().message;
    });
    const auto done = Finish(session, session);
    sender.join();
    ASSERT_TRUE(Ok(done));
    const std::string got = *Read(session);
    EXPECT_EQ(got.substr(0, 10'000) + got.substr(15'000), std::string(20'000, 'a'));
    const std::string middle = got.substr(10'000, 5000);
    EXPECT_TRUE(middle == std::string(5000, 'a') || middle == std::string(5000, 'b'));
  }
}

TEST_F(UploadsTest, AChunkSentAgainReplacesAndItsOldBlobGoes) {
  ASSERT_TRUE(Ok(Begin("up")));
  const auto first = Send("up", "1", "old bytes");
  ASSERT_TRUE(Ok(Send("up", "2", "rest")));
  const auto again = Send("up", "1", "new ");
  ASSERT_TRUE(Ok(again));
  EXPECT_FALSE(again->created);
  EXPECT_FALSE(again->etag == first->etag);
  Collect();
  EXPECT_EQ(blobs_->count(), 2u);
  const auto session = *uploads().Find(*kv().Published(), alice_.user, "up");
  EXPECT_EQ(session->record.chunk_count(), 2u);
  EXPECT_EQ(session->record.chunk_bytes(), 8u);
  FinishRequest request = To("up", "f");
  request.expected = {HashOf(HashKind::kSha1, "new rest")};
  ASSERT_TRUE(Ok(Finish(request)));
  EXPECT_EQ(*Read("f"), "new rest");
}

TEST_F(UploadsTest, ARemovedChunkIsNotInTheFile) {
  ASSERT_TRUE(Ok(Begin("up")));
  for (const char* name : {"1", "2", "3"}) ASSERT_TRUE(Ok(Send("up", name, name)));
  ASSERT_TRUE(Ok(RemoveChunk("up", "2")));
  EXPECT_TRUE(Refused(RemoveChunk("up", "2"), ErrorCode::kNotFound));
  ASSERT_TRUE(Ok(Finish("up", "f")));
  EXPECT_EQ(*Read("f"), "13");
  ExpectNoGarbage(2);
}

TEST_F(UploadsTest, AbortLeavesNothing) {
  ASSERT_TRUE(Ok(Begin("up")));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Ok(Send("up", std::to_string(i), "bytes")));
  FinishRequest request = To("up", "missing/f");
  EXPECT_TRUE(Finish(request).has_error()) << "pages may have been written";
  ASSERT_TRUE(Ok(Abort("up")));
  EXPECT_TRUE(Refused(Abort("up"), ErrorCode::kNotFound));
  EXPECT_TRUE(Refused(Send("up", "1", "x"), ErrorCode::kNotFound));
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kNotFound));
  ExpectNoGarbage(0);
  EXPECT_EQ(Rows(Table::kManifests), 0u);
}

// The chunk's blob is finished when the session goes: the transaction refuses, the sweep takes the
// file.
TEST_F(UploadsTest, AbortBetweenAChunksBlobAndItsRow) {
  const auto session = Begin("up");
  auto writer = std::move(*uploads().BeginChunk(*session));
  ASSERT_TRUE(Ok(writer->Append(AsBytes("late"))));
  ASSERT_TRUE(Ok(writer->Finish()));
  ASSERT_TRUE(Ok(Abort("up")));
  const NewChunk chunk{writer->id(), writer->length()};
  auto late = [&](KvTxn& txn) { return uploads().AddChunk(txn, alice_, "up", "1", chunk); };
  EXPECT_TRUE(Refused(InSession("up", late), ErrorCode::kNotFound));
  ASSERT_TRUE(Ok(Begin("up")));
  EXPECT_TRUE(Refused(InSession("up", late), ErrorCode::kNotFound))
      << "a new session of this name is another one";
  ASSERT_TRUE(Ok(Abort("up")));
  blobs_->Age(24 * 3600);
  EXPECT_EQ(SweepOrphanBlobs(kv(), engine_->contents(), 24 * 3600, false)->blobs, 1u);
  ExpectNoGarbage(0);
}

TEST_F(UploadsTest, IdleSessionsExpireAndTouchedOnesLive) {
  ASSERT_TRUE(Ok(Begin("idle")));
  ASSERT_TRUE(Ok(Begin("used")));
  ASSERT_TRUE(Ok(Send("idle", "1", "bytes")));
  Pass(kSessionIdleSeconds - 1);
  ASSERT_TRUE(Ok(Send("used", "1", "bytes")));
  EXPECT_EQ(*uploads().ExpireStep(100), 0u);
  Pass(1);
  EXPECT_EQ(*uploads().ExpireStep(100), 1u);
  EXPECT_TRUE(Refused(Finish("idle", "f"), ErrorCode::kNotFound));
  ASSERT_TRUE(Ok(Finish("used", "f")));
  ExpectNoGarbage(1);
  EXPECT_EQ(Rows(Table::kUploadResults), 1u);
  Pass(kUploadResultSeconds);
  EXPECT_EQ(*uploads().ExpireStep(100), 1u);
  EXPECT_EQ(Rows(Table::kUploadResults), 0u);
}

TEST_F(UploadsTest, ExpiryGoesInBoundedSteps) {
  for (int i = 0; i < 250; ++i) ASSERT_TRUE(Ok(Begin("s" + std::to_string(i))));
  Pass(kSessionIdleSeconds);
  EXPECT_EQ(*uploads().ExpireStep(130), 130u);
  EXPECT_EQ(*uploads().ExpireStep(130), 120u);
  EXPECT_EQ(*uploads().ExpireStep(130), 0u);
}

TEST_F(UploadsTest, RefusalsOfTheTreeKeepTheSession) {
  ASSERT_TRUE(Ok(Mkcol("folder")));
  ASSERT_TRUE(Ok(Put("there", "x")));
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "1", "bytes")));
  EXPECT_TRUE(Refused(Finish("up", "folder"), ErrorCode::kIsACollection));
  EXPECT_TRUE(Refused(Finish("up", "no/where"), ErrorCode::kParentMissing));
  FinishRequest no_overwrite = To("up", "there");
  no_overwrite.overwrite = false;
  EXPECT_TRUE(Refused(Finish(no_overwrite), ErrorCode::kPreconditionFailed));
  EXPECT_EQ(*Read("there"), "x");
  EXPECT_EQ(ChunkNames("up").size(), 1u);
  access_.dead = alice_.user;
  EXPECT_TRUE(Refused(Finish("up", "f"), ErrorCode::kUnauthenticated));
  access_.dead = UserId{};
  FinishRequest with_parents = To("up", "new/deep/f");
  with_parents.put.make_parents = true;
  ASSERT_TRUE(Ok(Finish(with_parents)));
  EXPECT_EQ(*Read("new/deep/f"), "bytes");
}

TEST_F(UploadsTest, ADamagedChunkIsFoundByTheChecksumPass) {
  ASSERT_TRUE(Ok(Begin("up")));
  ASSERT_TRUE(Ok(Send("up", "x1", std::string(1000, 'a'))));
  ASSERT_TRUE(Ok(Send("up", "x2", std::string(1000, 'b'))));
  const auto info = *uploads().Find(*kv().Published(), alice_.user, "up");
  const auto chunks = *uploads().Chunks(*kv().Published(), *info);
  blobs_->FlipBit(*BlobId::FromBytes(chunks[1].record.blob()), 9);
  FinishRequest request = To("up", "f");
  request.expected = {HashOf(HashKind::kSha1, std::string(1000, 'a') + std::string(1000, 'b'))};
  EXPECT_TRUE(Refused(Finish(request), ErrorCode::kCorruption));
  EXPECT_FALSE(Exists("f"));
}

TEST_F(UploadsTest, NamesAndLimits) {
  EXPECT_TRUE(IsChunkName("000000000000000-000000010485759"));
  EXPECT_TRUE(IsChunkName(std::string(64, 'a')));
  EXPECT_TRUE(IsChunkName("a b"));
  EXPECT_TRUE(IsChunkName("\xc3\xa4"));
  for (const std::string& bad :
       {std::string(), std::string(65, 'a'), std::string(".file"), std::string(".."),
        std::string("a/b"), std::string("a\\b"), std::string("a\nb"), std::string("\xff")}) {
    EXPECT_FALSE(IsChunkName(bad)) << bad;
  }
  EXPECT_TRUE(IsSessionName(std::string(255, 'a')));
  EXPECT_FALSE(IsSessionName(std::string(256, 'a')));
  EXPECT_TRUE(Refused(Begin(".hidden"), ErrorCode::kInvalidName));
  EXPECT_TRUE(Refused(Begin("big", kMaxUploadBytes + 1), ErrorCode::kTooLarge));
  ASSERT_TRUE(Ok(Begin("up")));
  EXPECT_TRUE(Refused(Begin("up"), ErrorCode::kAlreadyExists));
  EXPECT_TRUE(Refused(Send("up", ".file", "x"), ErrorCode::kInvalidName));
  EXPECT_TRUE(Refused(Send("unknown", "1", "x"), ErrorCode::kNotFound));
  for (std::size_t i = 1; i < kMaxSessionsPerUser; ++i)
    ASSERT_TRUE(Ok(Begin("s" + std::to_string(i))));
  EXPECT_TRUE(Refused(Begin("one more"), ErrorCode::kTooLarge));
  EXPECT_EQ(uploads().List(*kv().Published(), alice_.user)->size(), kMaxSessionsPerUser);
  EXPECT_EQ(uploads().List(*kv().Published(), bob_.user)->size(), 0u);
}

// What is uploaded takes space, in however many sessions.
TEST_F(UploadsTest, AllSessionsTogetherMustFitIntoTheQuota) {
  Plant([&](KvTxn& txn) {
    auto space = *ReadRecord<Space>(txn, Table::kSpaces, keys::Space(kHome));
    space->set_default_quota(false);
    space->set_has_quota(true);
    space->set_quota(100);
    WriteRecord(txn, Table::kSpaces, keys::Space(kHome), *space);
  });
  ASSERT_TRUE(Ok(Begin("one")));
  ASSERT_TRUE(Ok(Begin("two")));
  ASSERT_TRUE(Ok(Send("one", "1", Bytes(60, 'a'))));
  EXPECT_TRUE(Refused(Send("two", "1", Bytes(41, 'b')), ErrorCode::kQuotaExceeded));
  ASSERT_TRUE(Ok(Send("two", "1", Bytes(40, 'b'))));
  // A chunk that is sent again takes the place of its old bytes.
  ASSERT_TRUE(Ok(Send("one", "1", Bytes(60, 'c'))));
  EXPECT_TRUE(Refused(Send("one", "1", Bytes(61, 'd')), ErrorCode::kQuotaExceeded));
  ASSERT_TRUE(Ok(Abort("two")));
  ASSERT_TRUE(Ok(Send("one", "2", Bytes(40, 'e'))));
  EXPECT_TRUE(Ok(Finish("one", "file")));
}

TEST_F(UploadsTest, VeryManyChunks) {
  ASSERT_TRUE(Ok(Begin("up")));
  std::string whole;
  for (int i = 0; i < 2500; ++i) {
    const std::string bytes = std::to_string(i * 37);
    ASSERT_TRUE(Ok(Send("up", std::to_string(i), i == 1000 ? "" : bytes)));
    if (i != 1000) whole += bytes;
  }
  FinishRequest request = To("up", "f");
  request.expected = {HashOf(HashKind::kSha1, whole)};
  ASSERT_TRUE(Ok(Finish(request)));
  EXPECT_EQ(*Read("f"), whole);
  EXPECT_EQ(Rows(Table::kChunks), 2500u) << "left to the collector";
  EXPECT_EQ(Rows(Table::kUploads), 0u);
  ExpectNoGarbage(2499);
  EXPECT_EQ(*Read("f"), whole);
}

}  // namespace
}  // namespace cairn::storage
