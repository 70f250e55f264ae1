// Blobs: their rows and their files. With repair, what is damaged is marked and moved to
// quarantine; nothing is deleted.
#include <algorithm>
#include <utility>

#include "storage/commit.h"
#include "storage/fsck_run.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

}  // namespace

Result<void> FsckRun::CheckBlobs() {
  TableCursor rows(view_, Table::kBlobs, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) break;
    const auto id = BlobId::FromBytes(row->key);
    Blob blob;
    if (!id || !ParseInto(row->value, blob) || blob.content().size() != 16) {
      Find(FindingKind::kBadRecord, "the blob row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    ++report_.blobs;
    RETURN_IF_ERROR(CheckBlobOwner(*id, blob));
    RETURN_IF_ERROR(CheckBlob(*id, blob));
  }
  for (const auto& [content, left] : named_parts_) {
    if (left >= 0) continue;  // more named than there are: CheckBlobRow said which
    Find(FindingKind::kUnreferencedContent,
         std::to_string(-left) + " blobs of content " + content.Hex() + " are not named by it");
  }
  return {};
}

// Somebody names the blob, or it is waiting for the collector.
Result<void> FsckRun::CheckBlobOwner(const BlobId& id, const Blob& row) {
  const ContentId owner = *ContentId::FromBytes(row.content());
  if (candidate_blobs_.contains(id)) return {};
  ASSIGN_OR_RETURN(const auto content,
                   view_.Record<Content>(Table::kContents, keys::Content(owner)));
  if (content && content->kind() == CONTENT_BLOB && content->blob() == id.view()) return {};
  const auto parts = named_parts_.find(owner);
  if (parts != named_parts_.end()) {
    --parts->second;
    return {};
  }
  if (!content && candidate_contents_.contains(owner)) return {};
  Find(FindingKind::kUnreferencedContent,
       "blob " + id.Hex() + " belongs to content " + owner.Hex() + ", which does not name it");
  return {};
}

Result<void> FsckRun::CheckBlob(const BlobId& id, const Blob& row) {
  auto reader = contents_.blobs().Open(id);
  if (row.quarantined()) {
    // A repair that was cut short has marked it, but not moved it.
    const bool in_place = reader.has_value() || !Is(reader.error(), ErrorCode::kNotFound);
    if (in_place && options_.repair) RETURN_IF_ERROR(contents_.blobs().Quarantine(id));
    return Damaged(id, row, "is in quarantine", Repair::kNo);
  }
  if (reader.has_error()) {
    if (Is(reader.error(), ErrorCode::kCorruption))
      return Damaged(id, row, "has a damaged tail", Repair::kYes);
    if (!Is(reader.error(), ErrorCode::kNotFound))
      return Damaged(id, row, "cannot be opened", Repair::kNo);
    ASSIGN_OR_RETURN(const std::string holders, HoldersOf(*ContentId::FromBytes(row.content())));
    Find(FindingKind::kMissingBlob, "blob " + id.Hex() + " of " + std::to_string(row.length()) +
                                        " bytes is not on disk" + holders);
    return {};
  }
  BlobReader& blob = **reader;
  if (blob.content().view() != row.content()) {
    return Damaged(id, row, "says that it belongs to content " + blob.content().Hex(), Repair::kNo);
  }
  if (blob.length() != row.length()) {
    ASSIGN_OR_RETURN(const std::string holders, HoldersOf(*ContentId::FromBytes(row.content())));
    Find(FindingKind::kWrongSize, "blob " + id.Hex() + " has " + std::to_string(blob.length()) +
                                      " bytes, its row says " + std::to_string(row.length()) +
                                      holders);
    return {};
  }
  return options_.read_data ? ReadBlob(id, row, blob) : Result<void>();
}

Result<void> FsckRun::ReadBlob(const BlobId& id, const Blob& row, BlobReader& blob) {
  std::string buffer;
  for (std::uint64_t offset = 0; offset < blob.length(); offset += buffer.size()) {
    const auto read = blob.Read(offset, kReadBytes, buffer);
    if (read.has_error()) {
      const bool proven = Is(read.error(), ErrorCode::kCorruption);
      return Damaged(id, row,
                     (proven ? "is damaged within the MiB at " : "cannot be read at ") +
                         std::to_string(offset),
                     proven ? Repair::kYes : Repair::kNo);
    }
    if (buffer.empty()) return Damaged(id, row, "ends at " + std::to_string(offset), Repair::kYes);
    report_.bytes_read += buffer.size();
  }
  return {};
}

Result<void> FsckRun::Damaged(const BlobId& id, const Blob& row, const std::string& how,
                              Repair repair) {
  ASSIGN_OR_RETURN(const std::string holders, HoldersOf(*ContentId::FromBytes(row.content())));
  const bool moved = options_.repair && repair == Repair::kYes;
  if (moved) RETURN_IF_ERROR(Quarantine(id, row));
  Find(FindingKind::kDamagedBlob,
       "blob " + id.Hex() + " " + how + (moved ? "; moved to quarantine" : "") + holders);
  return {};
}

// The mark first: a file that is in quarantine without one would look lost.
Result<void> FsckRun::Quarantine(const BlobId& id, Blob row) {
  row.set_quarantined(true);
  auto body = [&](KvTxn& txn) -> Result<void> {
    WriteRecord(txn, Table::kBlobs, keys::Blob(id), row);
    return {};
  };
  RETURN_IF_ERROR(CommitBlocking(kv_, {DirectoryKey()}, body));
  return contents_.blobs().Quarantine(id);
}

Result<void> FsckRun::CheckBlobFiles() {
  Result<void> failed;
  const auto visit = [&](const BlobId& id, std::uint64_t file_size, std::int64_t age_seconds) {
    const auto row = view_.Get(Table::kBlobs, keys::Blob(id));
    if (row.has_error()) {
      failed = row.error();
      return false;
    }
    if (!*row && age_seconds >= options_.orphan_grace_seconds) {
      Find(FindingKind::kOrphanBlob,
           "blob file " + id.Hex() + " of " + std::to_string(file_size) + " bytes has no row",
           true);
    }
    return true;
  };
  RETURN_IF_ERROR(contents_.blobs().ForEach(visit));
  return failed;
}

}  // namespace cairn::storage
