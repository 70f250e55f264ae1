// Versions: their records, contents and references, and the files that they are versions of.
#include "storage/content_store.h"
#include "storage/fsck_run.h"

namespace cairn::storage {

Result<void> FsckRun::CheckVersions() {
  TableCursor rows(view_, Table::kVersions, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    if (row->key.size() != 16) {
      Find(FindingKind::kBadRecord, "the version row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    const FileId file{ReadBig64(row->key)};
    const std::uint64_t sequence = ReadBig64(std::string_view(row->key).substr(8));
    RETURN_IF_ERROR(CheckVersion(file, sequence, row->value));
  }
}

Result<void> FsckRun::CheckVersion(FileId file, std::uint64_t sequence, const std::string& row) {
  const std::string what = "version " + std::to_string(sequence) + " of " + NodeText(file);
  Version version;
  if (!ParseInto(row, version)) {
    Find(FindingKind::kBadRecord, what + " cannot be read");
    return {};
  }
  Versions& known = versions_[file];
  known.bytes += version.size();
  known.last = std::max(known.last, sequence);
  if (!known.stamps.insert(version.stamp()).second)
    Find(FindingKind::kDuplicateName, what + " has the name of another version of the file");
  const auto content = ContentId::FromBytes(version.content());
  if (!content.has_value()) {
    Find(FindingKind::kMissingContent, what + " names no content");
    return {};
  }
  ASSIGN_OR_RETURN(const auto record,
                   view_.Record<Content>(Table::kContents, keys::Content(*content)));
  if (!record.has_value()) {
    Find(FindingKind::kMissingContent, what + ": content " + content->Hex() + " does not exist");
    return {};
  }
  if (record->size() != version.size()) {
    Find(FindingKind::kWrongSize, what + " says " + std::to_string(version.size()) +
                                      " bytes, its content " + std::to_string(record->size()));
  }
  const std::string holder = keys::Version(file, sequence);
  ASSIGN_OR_RETURN(const auto held,
                   view_.Get(Table::kRefs, keys::Ref(*content, HolderKind::kVersion, holder)));
  if (!held.has_value())
    Find(FindingKind::kUnreferencedContent,
         what + " uses content " + content->Hex() + " without a reference row");
  return {};
}

// After the walk: versions of what no root leads to.
Result<void> FsckRun::CheckVersionedFiles() {
  for (const auto& [file, rows] : versions_) {
    if (visited_.Has(file)) continue;
    ASSIGN_OR_RETURN(const auto place, view_.Get(Table::kNodes, keys::Node(file)));
    if (!place.has_value())
      Find(FindingKind::kReferenceWithoutHolder,
           "versions of " + NodeText(file) + ", which does not exist");
  }
  return {};
}

}  // namespace cairn::storage
