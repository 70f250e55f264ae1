// The versions of one file: reading them, and what users do with them.
//
// A version shows as its stamp: the file's modification time then, raised second by second until no
// other version of the file has it. Needs the space key where a transaction is given. Thread-safe.
// Blocking.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/file_tree.h"

namespace cairn::versions {

struct VersionRow {
  std::uint64_t sequence = 0;
  storage::Version version;
};

// Oldest first. Call only when the file's kHasVersions bit is set.
Result<std::vector<VersionRow>> ReadVersions(const storage::KvView& view, FileId file);

// The file, live, as the caller may see it, and its versions, oldest first. kNotFound: no such
// file, a folder, something that the caller may not read, or something that lies in the trash.
struct History {
  storage::Chain chain;
  std::vector<VersionRow> versions;
  // The name of the content that the file has now: no version's. It may become another one when a
  // version goes, so nothing is read or restored by it.
  std::int64_t CurrentStamp() const;
};
Result<History> ReadHistory(const storage::FileTree& tree, const storage::KvView& view,
                            const storage::Caller& caller, FileId file);

// The content of a version becomes the file's, with its modification time; the file's becomes a
// version. `keep`: the version stays one, too (COPY). kNotFound, kForbidden, kLocked,
// kQuotaExceeded.
Result<storage::WriteOutcome> Restore(storage::FileTree& tree, storage::KvTxn& txn,
                                      const storage::WriteContext& context, FileId file,
                                      std::int64_t stamp, bool keep);
// A file of its own at `to` with the content of a version. `keep`: the version stays (COPY).
// kPreconditionFailed: something stands at `to` and `overwrite` is not set; further as
// FileTree::Put.
Result<storage::WriteOutcome> TakeOut(storage::FileTree& tree, storage::KvTxn& txn,
                                      const storage::WriteContext& context, FileId file,
                                      std::int64_t stamp, const storage::TreePath& to,
                                      bool overwrite, bool keep);
// Labels a version or the current content; a version with a label never expires. nullopt: none.
// kTooLarge: longer than kMaxLabelBytes.
inline constexpr std::size_t kMaxLabelBytes = 1024;
Result<void> SetLabel(storage::FileTree& tree, storage::KvTxn& txn,
                      const storage::WriteContext& context, FileId file, std::int64_t stamp,
                      std::optional<std::string> label);
// kForbidden: the current content, which is not a version.
Result<void> Delete(storage::FileTree& tree, storage::KvTxn& txn,
                    const storage::WriteContext& context, FileId file, std::int64_t stamp);

// Takes versions away from the file at the end of `chain`, whoever asks.
void Drop(storage::FileTree& tree, storage::KvTxn& txn, const storage::Chain& chain,
          const std::vector<VersionRow>& all, const std::vector<std::size_t>& victims);

}  // namespace cairn::versions
