// Upload sessions and their chunks, and the collector's candidates.
#include <algorithm>
#include <utility>

#include "storage/fsck_run.h"

namespace cairn::storage {

Result<void> FsckRun::ReadCandidates() {
  TableCursor rows(view_, Table::kCandidates, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    const std::string_view key = row->key;
    const char kind = key.size() == 25 ? key[8] : '\0';
    if (kind == static_cast<char>(CandidateKind::kContent)) {
      candidate_contents_.insert(*ContentId::FromBytes(key.substr(9)));
    } else if (kind == static_cast<char>(CandidateKind::kBlob)) {
      candidate_blobs_.insert(*BlobId::FromBytes(key.substr(9)));
    } else {
      Find(FindingKind::kBadRecord, "the candidate " + ToHex(key) + " cannot be read");
    }
  }
}

Result<void> FsckRun::CheckSessions() {
  TableCursor rows(view_, Table::kUploads, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    UploadSession session;
    const bool readable = row->key.size() > 8 && ParseInto(row->value, session);
    const auto content = ContentId::FromBytes(session.content());
    if (!readable || !content || session.user() != ReadBig64(row->key) ||
        session.name() != std::string_view(row->key).substr(8)) {
      Find(FindingKind::kBadRecord, "the upload row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    sessions_[*content] = {.what = "upload " + Printable(session.name()) + " of user " +
                                   std::to_string(session.user()),
                           .holder = row->key,
                           .chunks = session.chunk_count(),
                           .bytes = session.chunk_bytes()};
  }
}

Result<void> FsckRun::CheckChunks() {
  TableCursor rows(view_, Table::kChunks, {});
  std::string of;  // the content of the last row, and whether it has a record
  bool finished = false;
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) break;
    const auto content = ContentId::FromBytes(std::string_view(row->key).substr(0, 16));
    Chunk chunk;
    if (!content || row->key.size() <= 16 || !ParseInto(row->value, chunk)) {
      Find(FindingKind::kBadRecord, "the chunk row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    if (of != content->view()) {
      of = content->view();
      ASSIGN_OR_RETURN(const auto record, view_.Get(Table::kContents, of));
      finished = record.has_value();
    }
    RETURN_IF_ERROR(
        CheckChunk(*content, Printable(std::string_view(row->key).substr(16)), chunk, finished));
  }
  for (const auto& [content, session] : sessions_) {
    if (session.chunks == 0 && session.bytes == 0) continue;
    Find(FindingKind::kWrongAggregate,
         session.what + ": the counts of its chunks and their bytes are wrong");
  }
  return {};
}

// `finished`: the content exists, its manifest names the blobs, and the collector takes the chunk
// rows.
Result<void> FsckRun::CheckChunk(const ContentId& content, const std::string& name,
                                 const Chunk& chunk, bool finished) {
  const std::string what = "chunk " + name + " of content " + content.Hex();
  const auto session = sessions_.find(content);
  if (session != sessions_.end()) {
    session->second.chunks -=
        1;  // wraps when there are more than counted, which is as wrong as too few
    session->second.bytes -= chunk.length();
  } else if (candidate_contents_.contains(content)) {
    if (!finished) return {};  // a session that was given up: its blobs may be gone already
  } else {
    Find(FindingKind::kReferenceWithoutHolder, what + ": its session is gone");
  }
  // Manifests leave empty parts out.
  if (!finished || chunk.length() == 0) ++named_parts_[content];
  return CheckBlobRow(chunk.blob(), content, chunk.length(), what);
}

}  // namespace cairn::storage
