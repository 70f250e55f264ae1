// Checks a data directory: every invariant of the tree, contents, references, blobs. Read-only;
// --repair moves damaged blobs to quarantine, never deletes, never writes an empty file. Shares its
// walk with the collector.
//
// Exit codes of `cairn fsck`: 0 clean, 1 findings, 10 no data directory, 11 in use by a server, 12
// cannot be opened.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/engine.h"

namespace cairn::storage {

enum class FindingKind {
  kMissingBlob,
  kDamagedBlob,
  kOrphanBlob,
  kWrongSize,
  kDanglingParent,
  kNodeWithoutEntry,
  kEntryWithoutNode,
  kWrongAggregate,
  kDuplicateName,
  kMissingContent,
  kUnreferencedContent,
  kReferenceWithoutHolder,
  kBadRecord,
  kWrongFlag,
  kUnreachableNode,
  kSpaceWithoutOwner,
  kShareRow,
  kIdAboveBound,
};
std::string_view Name(FindingKind kind);

struct Finding {
  FindingKind kind;
  bool harmless = false;  // garbage that the collector takes; does not change the exit code
  std::string what;       // ids and paths
};

struct FsckOptions {
  bool read_data = false;  // verify every byte of every blob
  bool repair = false;     // quarantine damaged blobs
  std::int64_t orphan_grace_seconds = 24 * 3600;
};

struct FsckReport {
  std::vector<Finding> findings;
  std::uint64_t spaces = 0, nodes = 0, contents = 0, blobs = 0, bytes_read = 0;
  bool clean() const;
};

Result<FsckReport> Fsck(KvStore& store, ContentStore& contents, const FsckOptions& options);

}  // namespace cairn::storage
