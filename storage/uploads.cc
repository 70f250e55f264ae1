// Sessions and chunks; the MOVE is in upload_finish.cc, expiry in upload_expiry.cc.
#include "storage/uploads.h"

#include <algorithm>

#include "storage/chunk_order.h"
#include "storage/records.h"
#include "storage/upload_state.h"

namespace cairn::storage {
namespace {

// Above this many sessions a chunk is hashed at MOVE instead of on arrival.
constexpr std::size_t kMaxRunning = 10'000;

bool IsName(std::string_view name, std::size_t limit) {
  return name.size() <= limit && !name.starts_with('.') && CheckName(name).has_value();
}

Result<SessionInfo> InfoOf(UploadSession record) {
  const auto content = ContentId::FromBytes(record.content());
  if (!content || content->empty())
    return Fail(ErrorCode::kCorruption, "an upload session without a content");
  return SessionInfo{std::move(record), *content};
}

}  // namespace

bool IsChunkName(std::string_view name) { return IsName(name, 64); }
bool IsSessionName(std::string_view name) { return IsName(name, 255); }

Uploads::Uploads(FileTree& tree, KvStore& store, ContentStore& contents)
    : tree_(tree), store_(store), contents_(contents) {}
Uploads::~Uploads() = default;

// ---- reading

Result<std::optional<SessionInfo>> Uploads::Find(const KvView& view, UserId user,
                                                 std::string_view session) const {
  if (!IsSessionName(session)) return std::optional<SessionInfo>();
  ASSIGN_OR_RETURN(auto record,
                   ReadRecord<UploadSession>(view, Table::kUploads, keys::Upload(user, session)));
  if (!record) return std::optional<SessionInfo>();
  ASSIGN_OR_RETURN(SessionInfo info, InfoOf(std::move(*record)));
  return std::optional<SessionInfo>(std::move(info));
}

Result<std::vector<SessionInfo>> Uploads::List(const KvView& view, UserId user) const {
  std::vector<SessionInfo> sessions;
  Result<void> outcome;
  const auto visit = [&](std::string_view, std::string_view value) {
    auto record = Parse<UploadSession>(value);
    auto info = record.has_value() ? InfoOf(std::move(*record))
                                   : Result<SessionInfo>(std::move(record).error());
    if (info.has_error()) {
      outcome = std::move(info).error();
      return false;
    }
    sessions.push_back(std::move(*info));
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUploads, keys::Upload(user, {}), {}, visit));
  RETURN_IF_ERROR(outcome);
  return sessions;
}

Result<std::vector<ChunkInfo>> Uploads::Chunks(const KvView& view,
                                               const SessionInfo& session) const {
  std::vector<ChunkInfo> chunks;
  bool good = true;
  const auto visit = [&](std::string_view rest, std::string_view value) {
    ChunkInfo& chunk = chunks.emplace_back();
    chunk.name = rest;
    good = ParseInto(value, chunk.record) && chunk.record.blob().size() == 16;
    return good;
  };
  RETURN_IF_ERROR(view.Scan(Table::kChunks, session.content.view(), {}, visit));
  if (!good)
    return Fail(ErrorCode::kCorruption,
                "a chunk of upload " + session.record.name() + " cannot be read");
  std::sort(chunks.begin(), chunks.end(),
            [](const ChunkInfo& a, const ChunkInfo& b) { return ChunkNameLess(a.name, b.name); });
  return chunks;
}

Result<std::uint64_t> Uploads::BytesBeside(const KvView& view, const SessionInfo& session,
                                           std::string_view name) const {
  ASSIGN_OR_RETURN(const auto chunk,
                   ReadRecord<Chunk>(view, Table::kChunks, keys::Chunk(session.content, name)));
  ASSIGN_OR_RETURN(const auto sessions, List(view, UserId{session.record.user()}));
  std::uint64_t bytes = 0;
  for (const SessionInfo& one : sessions) {
    if (one.record.space() == session.record.space()) bytes += one.record.chunk_bytes();
  }
  return bytes - std::min(bytes, chunk ? chunk->length() : 0);
}

Result<std::optional<UploadResult>> Uploads::FindResult(const KvView& view, UserId user,
                                                        std::string_view session) const {
  ASSIGN_OR_RETURN(auto result, ReadRecord<UploadResult>(view, Table::kUploadResults,
                                                         keys::Upload(user, session)));
  if (result && result->expires() <= tree_.clock().NowSeconds()) result.reset();
  return result;
}

// ---- writing

Result<void> Uploads::CheckQuota(const KvView& view, SpaceId space, std::uint64_t bytes,
                                 std::uint64_t reserved_by_caller) const {
  ASSIGN_OR_RETURN(const auto record, tree_.FindSpace(view, space));
  if (!record) return Fail(ErrorCode::kNotFound, "the upload's space is gone");
  const TreePath root{space, {}};
  ASSIGN_OR_RETURN(const Chain chain, tree_.Resolve(view, root));
  return tree_.policies().quota.Charge(*record, chain.root().recursive_size(),
                                       static_cast<std::int64_t>(bytes), reserved_by_caller);
}

Result<SessionInfo> Uploads::Live(const KvTxn& txn, const Caller& caller,
                                  std::string_view session) const {
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(auto found, Find(txn, caller.user, session));
  if (!found) return Fail(ErrorCode::kNotFound, "no such upload");
  return std::move(*found);
}

// A client may abort and begin anew under the same name while a chunk of the old session arrives:
// its blob carries the old content's id and must not get into the new one.
Result<void> Uploads::CheckBelongs(const NewChunk& chunk, const SessionInfo& session) const {
  ASSIGN_OR_RETURN(const auto blob, contents_.blobs().Open(chunk.blob));
  if (blob->content() != session.content)
    return Fail(ErrorCode::kNotFound, "the chunk's upload is gone");
  if (blob->length() != chunk.length)
    return Fail(ErrorCode::kInvalidArgument, "the chunk's blob has another length");
  return {};
}

Result<SessionInfo> Uploads::Create(KvTxn& txn, const Caller& caller, SpaceId space,
                                    std::string_view session,
                                    std::optional<std::uint64_t> total_length) {
  if (!IsSessionName(session)) return Fail(ErrorCode::kInvalidName, "not an upload's name");
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(const auto existing, Find(txn, caller.user, session));
  if (existing) return Fail(ErrorCode::kAlreadyExists, "the upload exists");
  std::size_t count = 0;
  const auto visit = [&](std::string_view, std::string_view) {
    return ++count < kMaxSessionsPerUser;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kUploads, keys::Upload(caller.user, {}), {}, visit));
  if (count >= kMaxSessionsPerUser)
    return Fail(ErrorCode::kTooLarge, "too many unfinished uploads");
  if (total_length.value_or(0) > kMaxUploadBytes)
    return Fail(ErrorCode::kTooLarge, "larger than an upload may be");

  SessionInfo info;
  info.content = contents_.NewId();
  const std::int64_t now = tree_.clock().NowSeconds();
  info.record.set_user(Raw(caller.user));
  info.record.set_name(std::string(session));
  info.record.set_content(std::string(info.content.view()));
  info.record.set_created(now);
  info.record.set_touched(now);
  info.record.set_total_length(total_length.value_or(0));
  info.record.set_has_total_length(total_length.has_value());
  info.record.set_space(Raw(space));
  const std::string key = keys::Upload(caller.user, session);
  WriteRecord(txn, Table::kUploads, key, info.record);
  // The name begins a new life: an earlier MOVE's answer is not this one's.
  txn.Erase(Table::kUploadResults, key);
  return info;
}

Result<Uploads::AddedChunk> Uploads::AddChunk(KvTxn& txn, const Caller& caller,
                                              std::string_view session, std::string_view name,
                                              const NewChunk& chunk) {
  if (!IsChunkName(name)) return Fail(ErrorCode::kInvalidName, "not a chunk's name");
  if (chunk.blob.empty()) return Fail(ErrorCode::kInvalidArgument, "a chunk without a blob");
  ASSIGN_OR_RETURN(SessionInfo info, Live(txn, caller, session));
  RETURN_IF_ERROR(CheckBelongs(chunk, info));
  UploadSession& record = info.record;
  const std::string key = keys::Chunk(info.content, name);
  ASSIGN_OR_RETURN(const auto old, ReadRecord<Chunk>(txn, Table::kChunks, key));
  const std::uint64_t others = record.chunk_bytes() - (old ? old->length() : 0);
  if (!old && record.chunk_count() >= kMaxChunks)
    return Fail(ErrorCode::kTooLarge, "too many chunks");
  if (chunk.length > kMaxUploadBytes - std::min(others, kMaxUploadBytes)) {
    return Fail(ErrorCode::kTooLarge, "larger than an upload may be");
  }
  ASSIGN_OR_RETURN(const std::uint64_t beside, BytesBeside(txn, info, name));
  RETURN_IF_ERROR(CheckQuota(txn, SpaceId{record.space()}, beside + chunk.length, chunk.reserved));

  const Etag etag = tree_.etags().Next();
  const std::int64_t now = tree_.clock().NowSeconds();
  Chunk row;
  row.set_blob(std::string(chunk.blob.view()));
  row.set_length(chunk.length);
  row.set_mtime(now);
  row.set_etag_start(etag.start);
  row.set_etag_count(etag.count);
  WriteRecord(txn, Table::kChunks, key, row);
  Blob blob;
  blob.set_content(std::string(info.content.view()));
  blob.set_length(chunk.length);
  WriteRecord(txn, Table::kBlobs, keys::Blob(chunk.blob), blob);
  if (old) contents_.ReleaseBlob(txn, *BlobId::FromBytes(old->blob()));
  record.set_chunk_count(record.chunk_count() + (old ? 0 : 1));
  record.set_chunk_bytes(others + chunk.length);
  record.set_changes(record.changes() + 1);
  record.set_touched(now);
  WriteRecord(txn, Table::kUploads, keys::Upload(caller.user, session), record);
  return AddedChunk{!old.has_value(), etag};
}

Result<void> Uploads::RemoveChunk(KvTxn& txn, const Caller& caller, std::string_view session,
                                  std::string_view name) {
  ASSIGN_OR_RETURN(SessionInfo info, Live(txn, caller, session));
  const std::string key = keys::Chunk(info.content, name);
  ASSIGN_OR_RETURN(const auto old, ReadRecord<Chunk>(txn, Table::kChunks, key));
  if (!old) return Fail(ErrorCode::kNotFound, "no such chunk");
  txn.Erase(Table::kChunks, key);
  contents_.ReleaseBlob(txn, *BlobId::FromBytes(old->blob()));
  info.record.set_chunk_count(info.record.chunk_count() - 1);
  info.record.set_chunk_bytes(info.record.chunk_bytes() - old->length());
  info.record.set_changes(info.record.changes() + 1);
  info.record.set_touched(tree_.clock().NowSeconds());
  WriteRecord(txn, Table::kUploads, keys::Upload(caller.user, session), info.record);
  return {};
}

Result<void> Uploads::Abort(KvTxn& txn, const Caller& caller, std::string_view session) {
  ASSIGN_OR_RETURN(const SessionInfo info, Live(txn, caller, session));
  txn.Erase(Table::kUploads, keys::Upload(caller.user, session));
  contents_.Abandon(txn, info.content);
  return {};
}

// ---- receiving

Result<std::unique_ptr<BlobWriter>> Uploads::BeginChunk(const SessionInfo& session) {
  return contents_.blobs().Create(session.content);
}

void Uploads::ChunkAdded(const SessionInfo& session, std::string_view name, const NewChunk& chunk,
                         const Hasher* hashed_alone) {
  {
    std::lock_guard lock(mu_);
    if (running_.size() >= kMaxRunning && !running_.contains(session.content)) return;
  }
  StateOf(session)->sha1.Added(name, {chunk.blob, chunk.length}, hashed_alone, contents_.blobs());
}

std::shared_ptr<Uploads::RunningHash> Uploads::StateOf(const SessionInfo& session) {
  std::lock_guard lock(mu_);
  std::shared_ptr<RunningHash>& state = running_[session.content];
  if (state == nullptr) {
    state = std::make_shared<RunningHash>();
    state->user = UserId{session.record.user()};
    state->name = session.record.name();
  }
  return state;
}

void Uploads::Forget(const ContentId& session) {
  std::lock_guard lock(mu_);
  running_.erase(session);
}

}  // namespace cairn::storage
