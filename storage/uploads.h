// Upload sessions (chunked upload v2): chunks are durable blobs of one future content; MOVE names
// it.
//
// A session keeps a running SHA-1 over the contiguous prefix, so that at MOVE normally nothing is
// left to verify. The result of a MOVE is kept for 24 h: the same MOVE answers the same again.
// Thread-safe. Blocking.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/file_tree.h"

namespace cairn::storage {

inline constexpr std::uint64_t kMaxChunks = 100'000;
inline constexpr std::uint64_t kMaxUploadBytes = std::uint64_t{10} << 40;  // 10 TiB
inline constexpr std::int64_t kSessionIdleSeconds = 24 * 3600;
inline constexpr std::int64_t kUploadResultSeconds = 24 * 3600;
inline constexpr std::size_t kMaxSessionsPerUser = 1000;

struct SessionInfo {
  UploadSession record;
  ContentId content;
};

struct ChunkInfo {
  std::string name;
  Chunk record;
};

// A finished chunk that no record names yet. Dropped without AddChunk its blob is garbage for the
// sweep.
struct NewChunk {
  BlobId blob;
  std::uint64_t length = 0;
  std::uint64_t reserved = 0;  // bytes of the space's quota that the caller holds for it
};

struct FinishRequest {
  std::string session;
  TreePath destination;
  bool overwrite = true;
  std::optional<std::uint64_t> total_length;  // OC-Total-Length
  std::vector<Checksum> expected;             // OC-Checksum, to be verified
  PutOptions put;
  bool mtime_accepted = false;
  bool ctime_accepted = false;
};

struct FinishOutcome {
  FileId node{};
  Etag etag;
  bool created = false;
  bool mtime_accepted = false;
  bool ctime_accepted = false;
  bool replayed = false;
  Permissions permissions = 0;
};

class Uploads {
 public:
  Uploads(FileTree& tree, KvStore& store, ContentStore& contents);
  ~Uploads();

  // ---- reading (any view)
  Result<std::optional<SessionInfo>> Find(const KvView& view, UserId user,
                                          std::string_view session) const;
  Result<std::vector<SessionInfo>> List(const KvView& view, UserId user) const;
  // Chunks in assembly order: numeric names by number, else natural order.
  Result<std::vector<ChunkInfo>> Chunks(const KvView& view, const SessionInfo& session) const;
  // Bytes of the chunks of all the user's sessions in this one's space, without the chunk of this
  // name: what is uploaded but in no file yet.
  Result<std::uint64_t> BytesBeside(const KvView& view, const SessionInfo& session,
                                    std::string_view name) const;
  Result<std::optional<UploadResult>> FindResult(const KvView& view, UserId user,
                                                 std::string_view session) const;

  // ---- writing (needs the session key; sequence as storage/commit.h)
  // kAlreadyExists; kTooLarge: a limit. Whether `total_length` fits is asked when bytes come.
  Result<SessionInfo> Create(KvTxn& txn, const Caller& caller, SpaceId space,
                             std::string_view session, std::optional<std::uint64_t> total_length);
  // kNotFound: the session that the chunk was begun for is gone (aborted or finished meanwhile).
  // created = false: the chunk was there before.
  struct AddedChunk {
    bool created = false;
    Etag etag;
  };
  Result<AddedChunk> AddChunk(KvTxn& txn, const Caller& caller, std::string_view session,
                              std::string_view name, const NewChunk& chunk);
  Result<void> RemoveChunk(KvTxn& txn, const Caller& caller, std::string_view session,
                           std::string_view name);
  // kNotFound. Its blobs become garbage: O(1) here, the collector does the rest.
  Result<void> Abort(KvTxn& txn, const Caller& caller, std::string_view session);

  // ---- receiving a chunk: a writer for its blob; append, finish, then AddChunk
  Result<std::unique_ptr<BlobWriter>> BeginChunk(const SessionInfo& session);
  // Tells the running checksum about a chunk that is in place now (after the gate). Hashes it, and
  // those behind it, when no chunk before it is missing; else reads nothing. `hashed_alone`: a
  // SHA-1 of just this chunk, if there is one.
  void ChunkAdded(const SessionInfo& session, std::string_view name, const NewChunk& chunk,
                  const Hasher* hashed_alone);

  // ---- MOVE of .file: everything outside the transaction (order, lengths, checksum, manifest
  // pages), then one transaction under session + target space, then the gate. Blocking until
  // durable. Concurrent calls for one session take turns. kNotFound: also when another session
  // takes its name meanwhile; kConflict: chunks keep changing; kInvalidArgument: lengths do not add
  // up, or nothing to assemble; kChecksumMismatch; whatever FileTree::Put refuses. Repeated: the
  // stored result.
  Result<FinishOutcome> Finish(const WriteContext& context, const FinishRequest& request);

  // ---- background: one step of session and result expiry; returns how many went.
  Result<std::uint64_t> ExpireStep(std::size_t limit);

 private:
  struct RunningHash;
  struct Assembly;  // storage/upload_finish.cc
  Result<void> CheckQuota(const KvView& view, SpaceId space, std::uint64_t bytes,
                          std::uint64_t reserved_by_caller) const;
  Result<SessionInfo> Live(const KvTxn& txn, const Caller& caller, std::string_view session) const;
  Result<void> CheckBelongs(const NewChunk& chunk, const SessionInfo& session) const;
  // The session's state in memory, made when there is none. Call it only for a session that exists.
  std::shared_ptr<RunningHash> StateOf(const SessionInfo& session);
  void Forget(const ContentId& session);
  void ForgetGone(const KvView& view);
  // One attempt for the session that was `seen`; nullopt: its chunks changed meanwhile. The first
  // one notes the destination's parent in `context`.
  Result<std::optional<FinishOutcome>> TryFinish(WriteContext& context,
                                                 const FinishRequest& request,
                                                 const std::optional<SessionInfo>& seen);
  Result<std::optional<FinishOutcome>> Assemble(const WriteContext& context,
                                                const FinishRequest& request, Assembly& assembly);
  Result<void> Verify(const FinishRequest& request, const Assembly& assembly, RunningHash& state);
  Result<bool> WritePages(const Caller& caller, const Assembly& assembly);
  Result<FinishOutcome> Replay(const KvView& view, const WriteContext& context,
                               const FinishRequest& request) const;
  Result<std::uint64_t> ExpireSessions(const KvView& view, std::size_t limit);
  Result<std::uint64_t> ExpireResults(const KvView& view, std::size_t limit);
  FileTree& tree_;
  KvStore& store_;
  ContentStore& contents_;
  std::mutex mu_;
  std::map<ContentId, std::shared_ptr<RunningHash>> running_;  // guarded by mu_
};

// What a chunk may be called: what a file may be (CheckName), in up to 64 bytes and without a
// leading dot. Sessions: the same in up to 255.
bool IsChunkName(std::string_view name);
bool IsSessionName(std::string_view name);

}  // namespace cairn::storage
