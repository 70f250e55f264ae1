// MOVE of .file: the chunks become one content by naming their blobs; no byte is copied.
//
// Order: chunks and lengths are checked on published state, the checksum is completed, manifest
// pages are written in transactions of their own; then one transaction under session and space,
// which does nothing when the session has changed since. Pages without a content are garbage that
// goes with the session, or with the next attempt.
#include <algorithm>

#include "storage/chunk_order.h"
#include "storage/commit.h"
#include "storage/records.h"
#include "storage/upload_state.h"

namespace cairn::storage {
namespace {

constexpr int kAttempts = 2;                 // against chunks that change meanwhile
constexpr int kFinishAttempts = 3;           // against file ids used up by others meanwhile
constexpr std::size_t kPagesPerCommit = 32;  // about 1 MiB
constexpr std::size_t kMaxRowsInCommit = 2000;

Error Mismatch(std::uint64_t declared, std::uint64_t there) {
  return Fail(ErrorCode::kInvalidArgument, "Chunks on server do not sum up to " +
                                               std::to_string(declared) + " but to " +
                                               std::to_string(there) + " bytes");
}

Result<void> CheckLengths(const SessionInfo& session, std::size_t chunks, std::uint64_t total,
                          std::optional<std::uint64_t> declared_now) {
  const bool declared_before = session.record.has_total_length();
  if (declared_now && *declared_now != total) return Mismatch(*declared_now, total);
  if (declared_before && session.record.total_length() != total) {
    return Mismatch(session.record.total_length(), total);
  }
  if (chunks == 0 && !declared_now && !declared_before) {
    return Fail(ErrorCode::kInvalidArgument, "an upload without chunks");
  }
  return {};
}

// rclone's names say where each chunk belongs: no gap, no overlap.
Result<void> CheckRanges(const std::vector<ChunkInfo>& chunks) {
  std::uint64_t offset = 0;
  for (const ChunkInfo& chunk : chunks) {
    const auto range = ParseChunkRange(chunk.name);
    if (!range) return {};  // numbers: their order is all they say
    const std::uint64_t end = offset + chunk.record.length();
    // rclone names the last byte; the end is accepted too.
    if (range->first != offset || (range->last != end && range->last + 1 != end)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "chunk " + chunk.name + " does not join the one before");
    }
    offset = end;
  }
  return {};
}

}  // namespace

struct Uploads::Assembly {
  SessionInfo session;
  std::vector<ChunkInfo> chunks;                        // in order
  std::vector<PrefixHash::Part> all;                    // the same, empty ones too
  std::vector<std::pair<BlobId, std::uint64_t>> parts;  // without empty ones
  std::uint64_t total = 0;
  NewContent content;

  void Add(std::vector<ChunkInfo> in_order) {
    chunks = std::move(in_order);
    for (const ChunkInfo& chunk : chunks) {
      const BlobId blob = *BlobId::FromBytes(chunk.record.blob());
      all.push_back({blob, chunk.record.length()});
      if (chunk.record.length() > 0) parts.emplace_back(blob, chunk.record.length());
      total += chunk.record.length();
    }
    content.record.set_size(total);
    if (parts.empty()) return;  // the empty content
    content.id = session.content;
    if (parts.size() == 1) {
      content.blob = parts.front().first;
      content.record.set_kind(CONTENT_BLOB);
      content.record.set_blob(std::string(content.blob->view()));
    } else {
      content.record.set_kind(CONTENT_MANIFEST);
      content.record.set_pages((parts.size() + kManifestPageParts - 1) / kManifestPageParts);
    }
  }
};

Result<FinishOutcome> Uploads::Finish(const WriteContext& context, const FinishRequest& request) {
  ASSIGN_OR_RETURN(const auto seen,
                   Find(*store_.Published(), context.caller.user, request.session));
  WriteContext held = context;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(auto outcome, TryFinish(held, request, seen));
    if (outcome) return std::move(*outcome);
  }
  return Fail(ErrorCode::kConflict, "the upload's chunks change while it is finished");
}

Result<std::optional<FinishOutcome>> Uploads::TryFinish(WriteContext& context,
                                                        const FinishRequest& request,
                                                        const std::optional<SessionInfo>& seen) {
  const UserId user = context.caller.user;
  const auto state = seen ? StateOf(*seen) : nullptr;
  std::unique_lock<std::mutex> turn;
  if (state != nullptr) turn = std::unique_lock(state->finish);
  // Another MOVE may have finished it while this one waited.
  const auto view = store_.Published();
  ASSIGN_OR_RETURN(auto session, Find(*view, user, request.session));
  if (!session) {
    if (seen) Forget(seen->content);
    ASSIGN_OR_RETURN(FinishOutcome replayed, Replay(*view, context, request));
    return std::optional<FinishOutcome>(std::move(replayed));
  }
  if (!seen || session->content != seen->content) {
    if (seen) Forget(seen->content);
    return Fail(ErrorCode::kNotFound, "another upload has the name now");
  }
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(*view, context.caller));

  Assembly assembly;
  assembly.session = std::move(*session);
  ASSIGN_OR_RETURN(auto chunks, Chunks(*view, assembly.session));
  assembly.Add(std::move(chunks));
  // A length beyond the quota says more than one that does not add up, too.
  const std::uint64_t largest = std::max(assembly.total, request.total_length.value_or(0));
  ASSIGN_OR_RETURN(context.parent, tree_.CheckPut(*view, context, request.destination, largest,
                                                  request.put.make_parents));
  RETURN_IF_ERROR(
      CheckLengths(assembly.session, assembly.chunks.size(), assembly.total, request.total_length));
  RETURN_IF_ERROR(CheckRanges(assembly.chunks));
  if (auto verified = Verify(request, assembly, *state); verified.has_error()) {
    // A chunk that was sent again takes its old blob along: not damage.
    ASSIGN_OR_RETURN(const auto now, Find(*store_.Published(), user, request.session));
    const bool same = now && now->content == assembly.session.content &&
                      now->record.changes() == assembly.session.record.changes();
    if (same) return std::move(verified).error();
    return std::optional<FinishOutcome>();
  }
  ASSIGN_OR_RETURN(const bool unchanged, WritePages(context.caller, assembly));
  if (!unchanged) return std::optional<FinishOutcome>();
  auto outcome = Assemble(context, request, assembly);
  if (outcome.has_value() && *outcome) Forget(assembly.session.content);
  return outcome;
}

Result<void> Uploads::Verify(const FinishRequest& request, const Assembly& assembly,
                             RunningHash& state) {
  std::vector<Hasher> hashers;
  std::vector<Checksum> actual;
  for (const Checksum& wanted : request.expected) {
    if (wanted.kind != HashKind::kSha1) {
      hashers.emplace_back(wanted.kind);
    } else if (actual.empty()) {
      ASSIGN_OR_RETURN(Checksum sum, state.sha1.Complete(assembly.all, contents_.blobs()));
      actual.push_back(std::move(sum));
    }
  }
  if (!hashers.empty()) {
    for (const PrefixHash::Part& part : assembly.all) {
      RETURN_IF_ERROR(HashBlob(contents_.blobs(), part, hashers));
    }
  }
  for (const Hasher& hasher : hashers) actual.push_back(hasher.Current());
  for (const Checksum& wanted : request.expected) {
    if (std::find(actual.begin(), actual.end(), wanted) == actual.end()) {
      return Fail(ErrorCode::kChecksumMismatch,
                  "the chunks' " + std::string(Name(wanted.kind)) + " is another one");
    }
  }
  return {};
}

// False: the session is gone or has changed.
Result<bool> Uploads::WritePages(const Caller& caller, const Assembly& assembly) {
  if (assembly.content.record.kind() != CONTENT_MANIFEST) return true;
  const SessionInfo& session = assembly.session;
  const std::span all(assembly.parts);
  std::uint64_t offset = 0;
  for (std::size_t first = 0; first < all.size(); first += kPagesPerCommit * kManifestPageParts) {
    const auto parts =
        all.subspan(first, std::min(kPagesPerCommit * kManifestPageParts, all.size() - first));
    auto body = [&](KvTxn& txn) -> Result<bool> {
      ASSIGN_OR_RETURN(const auto now, Find(txn, caller.user, session.record.name()));
      if (!now || now->content != session.content ||
          now->record.changes() != session.record.changes())
        return false;
      RETURN_IF_ERROR(contents_.PutManifestPages(txn, session.content, parts, first, offset));
      return true;
    };
    const std::string& name = session.record.name();
    ASSIGN_OR_RETURN(const bool written,
                     CommitBlocking(store_, {SessionKey(caller.user, name)}, body));
    if (!written) return false;
    for (const auto& [blob, length] : parts) offset += length;
  }
  return true;
}

namespace {

// The session's rows. Very many chunk rows are left to the collector, which finds them by the
// candidate.
void EraseSession(KvTxn& txn, ContentStore& contents, UserId user, const SessionInfo& session,
                  const std::vector<ChunkInfo>& chunks) {
  txn.Erase(Table::kUploads, keys::Upload(user, session.record.name()));
  if (chunks.size() > kMaxRowsInCommit) {
    contents.Abandon(txn, session.content);
    return;
  }
  for (const ChunkInfo& chunk : chunks) {
    txn.Erase(Table::kChunks, keys::Chunk(session.content, chunk.name));
    if (chunk.record.length() == 0)
      contents.ReleaseBlob(txn, *BlobId::FromBytes(chunk.record.blob()));
  }
}

UploadResult ResultOf(const FinishOutcome& outcome, const FinishRequest& request,
                      std::int64_t now) {
  UploadResult row;
  row.set_node(Raw(outcome.node));
  row.set_etag_start(outcome.etag.start);
  row.set_etag_count(outcome.etag.count);
  row.set_created(outcome.created);
  row.set_expires(now + kUploadResultSeconds);
  row.set_destination(request.destination.Text());
  row.set_mtime_accepted(outcome.mtime_accepted);
  row.set_ctime_accepted(outcome.ctime_accepted);
  return row;
}

}  // namespace

Result<std::optional<FinishOutcome>> Uploads::Assemble(const WriteContext& context,
                                                       const FinishRequest& request,
                                                       Assembly& assembly) {
  const UserId user = context.caller.user;
  const SessionInfo& session = assembly.session;
  auto body = [&](KvTxn& txn) -> Result<std::optional<FinishOutcome>> {
    ASSIGN_OR_RETURN(const auto now, Find(txn, user, request.session));
    if (!now || now->content != session.content ||
        now->record.changes() != session.record.changes()) {
      return std::optional<FinishOutcome>();
    }
    if (!request.overwrite && tree_.Resolve(txn, request.destination).has_value()) {
      return Fail(ErrorCode::kPreconditionFailed, "Overwrite: F and the destination exists");
    }
    if (assembly.content.record.kind() != CONTENT_MANIFEST) {
      RETURN_IF_ERROR(contents_.EraseManifestPages(txn, session.content));
    }
    if (!assembly.content.id.empty()) {
      WriteRecord(txn, Table::kContents, keys::Content(session.content), assembly.content.record);
    }
    ASSIGN_OR_RETURN(const WriteOutcome put, tree_.Put(txn, context, request.destination,
                                                       assembly.content, request.put, false));
    FinishOutcome outcome;
    outcome.node = put.entry.id();
    outcome.etag = put.entry.etag();
    outcome.created = put.created;
    outcome.mtime_accepted = request.mtime_accepted;
    outcome.ctime_accepted = request.ctime_accepted;
    outcome.permissions = put.permissions;
    EraseSession(txn, contents_, user, session, assembly.chunks);
    const UploadResult row = ResultOf(outcome, request, tree_.clock().NowSeconds());
    WriteRecord(txn, Table::kUploadResults, keys::Upload(user, request.session), row);
    return std::optional<FinishOutcome>(outcome);
  };
  for (int attempt = 1;; ++attempt) {
    RETURN_IF_ERROR(tree_.ids().Reserve(1 + request.destination.segments.size()));
    std::vector<WriterKey> keys{SessionKey(user, request.session),
                                SpaceKey(request.destination.home)};
    auto outcome = CommitBlocking(store_, std::move(keys), body);
    if (outcome.has_value() || !Is(outcome.error(), ErrorCode::kBusy) || attempt == kFinishAttempts)
      return outcome;
  }
}

Result<FinishOutcome> Uploads::Replay(const KvView& view, const WriteContext& context,
                                      const FinishRequest& request) const {
  const AccessPolicy& access = tree_.policies().access;
  RETURN_IF_ERROR(access.CheckLive(view, context.caller));
  ASSIGN_OR_RETURN(const auto row, FindResult(view, context.caller.user, request.session));
  if (!row || row->destination() != request.destination.Text())
    return Fail(ErrorCode::kNotFound, "no such upload");
  FinishOutcome outcome;
  outcome.node = FileId{row->node()};
  outcome.etag = {row->etag_start(), row->etag_count()};
  outcome.created = row->created();
  outcome.mtime_accepted = row->mtime_accepted();
  outcome.ctime_accepted = row->ctime_accepted();
  outcome.replayed = true;
  // The file may have moved or gone since; the answer stays what it was.
  const auto chain = tree_.ResolveId(view, outcome.node);
  if (chain.has_value()) outcome.permissions = access.For(view, context.caller, *chain);
  return outcome;
}

}  // namespace cairn::storage
