#include "storage/fsck.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "storage/fsck_run.h"

namespace cairn::storage {
namespace {

std::string_view KindText(RootKind kind) {
  switch (kind) {
    case ROOT_FILES:
      return "files";
    case ROOT_TRASH:
      return "trash";
    case ROOT_STAGING:
      return "staging";
    case ROOT_PURGE:
      return "purge";
    default:
      return "unknown root";
  }
}

}  // namespace

std::string_view Name(FindingKind kind) {
  switch (kind) {
    case FindingKind::kMissingBlob:
      return "missing-blob";
    case FindingKind::kDamagedBlob:
      return "damaged-blob";
    case FindingKind::kOrphanBlob:
      return "orphan-blob";
    case FindingKind::kWrongSize:
      return "wrong-size";
    case FindingKind::kDanglingParent:
      return "dangling-parent";
    case FindingKind::kNodeWithoutEntry:
      return "node-without-entry";
    case FindingKind::kEntryWithoutNode:
      return "entry-without-node";
    case FindingKind::kWrongAggregate:
      return "wrong-aggregate";
    case FindingKind::kDuplicateName:
      return "duplicate-name";
    case FindingKind::kMissingContent:
      return "missing-content";
    case FindingKind::kUnreferencedContent:
      return "unreferenced-content";
    case FindingKind::kReferenceWithoutHolder:
      return "reference-without-holder";
    case FindingKind::kBadRecord:
      return "bad-record";
    case FindingKind::kWrongFlag:
      return "wrong-flag";
    case FindingKind::kUnreachableNode:
      return "unreachable-node";
    case FindingKind::kSpaceWithoutOwner:
      return "space-without-owner";
    case FindingKind::kShareRow:
      return "share-row";
    case FindingKind::kIdAboveBound:
      return "id-above-bound";
  }
  return "unknown";
}

bool FsckReport::clean() const {
  return std::all_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.harmless; });
}

std::string Printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out.append("\\x").append(ToHex(std::string_view(&c, 1)));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string NodeText(FileId id) { return "node " + std::to_string(Raw(id)); }

std::string RootText(const Node& root) {
  return "space " + std::to_string(root.space()) + " " + std::string(KindText(root.root())) + ":";
}

void FsckRun::Find(FindingKind kind, std::string what, bool harmless) {
  if (++counts_[static_cast<std::size_t>(kind)] > kMaxFindingsPerKind) return;
  report_.findings.push_back({kind, harmless, std::move(what)});
}

// Whoever has a million findings of one kind learns the number, not a million lines.
void FsckRun::Summarise() {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (counts_[i] <= kMaxFindingsPerKind) continue;
    const auto kind = static_cast<FindingKind>(i);
    const bool harmless =
        std::all_of(report_.findings.begin(), report_.findings.end(),
                    [&](const Finding& one) { return one.kind != kind || one.harmless; });
    report_.findings.push_back(
        {kind, harmless, "and " + std::to_string(counts_[i] - kMaxFindingsPerKind) + " more"});
  }
}

Result<FsckReport> FsckRun::Run() {
  RETURN_IF_ERROR(CheckLocks());
  RETURN_IF_ERROR(CheckProperties());
  RETURN_IF_ERROR(CheckFavorites());
  RETURN_IF_ERROR(CheckVersions());
  RETURN_IF_ERROR(CheckShares());
  RETURN_IF_ERROR(CheckTrashLinks());
  RETURN_IF_ERROR(ReadCandidates());
  RETURN_IF_ERROR(CheckSessions());
  RETURN_IF_ERROR(WalkTree());
  RETURN_IF_ERROR(CheckSpaces());
  RETURN_IF_ERROR(CheckNodes());
  RETURN_IF_ERROR(CheckEntryParents());
  RETURN_IF_ERROR(CheckAttachedNodes());
  RETURN_IF_ERROR(CheckVersionedFiles());
  RETURN_IF_ERROR(CheckBounds());
  RETURN_IF_ERROR(CheckContents());
  RETURN_IF_ERROR(CheckChunks());
  RETURN_IF_ERROR(CheckBlobs());
  RETURN_IF_ERROR(CheckBlobFiles());
  Summarise();
  return std::move(report_);
}

Result<FsckReport> Fsck(KvStore& store, ContentStore& contents, const FsckOptions& options) {
  FsckRun run(store, contents, options);
  return run.Run();
}

}  // namespace cairn::storage
