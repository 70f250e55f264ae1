#include "versions/keeper.h"

#include <algorithm>
#include <set>
#include <utility>

#include "storage/content_store.h"
#include "storage/records.h"
#include "versions/history.h"
#include "versions/thinning.h"

namespace cairn::versions {
namespace {

using storage::Chain;
using storage::ContentStore;
using storage::HolderKind;
using storage::KvTxn;
using storage::Node;
using storage::Table;
using storage::Version;
namespace keys = storage::keys;

// The name of a version: its time, or the next second that no other version has.
std::int64_t FreeStamp(const std::vector<VersionRow>& rows, std::int64_t mtime) {
  std::set<std::int64_t> taken;
  for (const VersionRow& row : rows) taken.insert(row.version.stamp());
  while (taken.contains(mtime)) ++mtime;
  return mtime;
}

Version VersionOf(const Node& node, const std::vector<VersionRow>& others) {
  Version version;
  version.set_content(node.content());
  version.set_size(node.size());
  version.set_mtime(node.mtime());
  version.set_stamp(FreeStamp(others, node.mtime()));
  version.set_became_current(node.became_current());
  version.set_checksums(node.checksums());
  version.set_author(node.author());
  if (node.has_label()) version.set_label(node.label());
  return version;
}

std::vector<Kept> ForTheRule(const std::vector<VersionRow>& rows) {
  std::vector<Kept> kept;
  kept.reserve(rows.size());
  for (const VersionRow& row : rows) {
    kept.push_back({.became_current = row.version.became_current(),
                    .bytes = row.version.size(),
                    .labelled = !row.version.label().empty()});
  }
  return kept;
}

// The rows and references of some versions. Returns their bytes.
std::uint64_t EraseRows(KvTxn& txn, ContentStore& contents, FileId file,
                        const std::vector<VersionRow>& rows,
                        const std::vector<std::size_t>& victims) {
  std::uint64_t bytes = 0;
  for (const std::size_t victim : victims) {
    const VersionRow& row = rows[victim];
    const std::string key = keys::Version(file, row.sequence);
    txn.Erase(Table::kVersions, key);
    if (const auto content = ContentId::FromBytes(row.version.content()))
      (void)contents.DropRef(txn, *content, HolderKind::kVersion, key);
    bytes += row.version.size();
  }
  return bytes;
}

void SetVersionBytes(Node& node, std::uint64_t bytes) {
  if (bytes > 0) {
    node.mutable_below()->set_version_bytes(bytes);
  } else {
    node.clear_below();  // a file has no other sums
  }
}

}  // namespace

Result<bool> Keeper::Capture(KvTxn& txn, ContentStore& contents, const Chain& chain, Node& node) {
  const auto content = ContentId::FromBytes(node.content());
  if (node.size() == 0 || !content.has_value()) return false;
  const FileId file{node.id()};
  std::vector<VersionRow> rows;
  if ((node.flags() & storage::kHasVersions) != 0) {
    ASSIGN_OR_RETURN(rows, ReadVersions(txn, file));
  }
  const std::uint64_t sequence = node.version_seq() + 1;
  rows.push_back({sequence, VersionOf(node, rows)});
  const std::string key = keys::Version(file, sequence);
  storage::WriteRecord(txn, Table::kVersions, key, rows.back().version);
  contents.MoveRef(txn, *content, HolderKind::kNode, keys::Node(file), HolderKind::kVersion, key);

  const Retention retention = keeping_.retention();
  const std::vector<std::size_t> victims =
      Thin(ForTheRule(rows), retention, std::max<std::int64_t>(1, clock_.NowSeconds()));
  const std::uint64_t before = node.below().version_bytes();
  const std::uint64_t thinned = EraseRows(txn, contents, file, rows, victims);
  const std::uint64_t bytes = before + node.size() - std::min(before + node.size(), thinned);
  node.set_version_seq(sequence);
  node.set_flags(node.flags() | storage::kHasVersions);
  SetVersionBytes(node, bytes);

  const Node& root = chain.root().node;
  ASSIGN_OR_RETURN(const auto space, storage::ReadRecord<storage::Space>(
                                         txn, Table::kSpaces, keys::Space(chain.space())));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  const Room room = keeping_.RoomIn(*space, root.below().bytes());
  if (NeedsSpace(root.below().version_bytes() + bytes - std::min(before, bytes), room, retention))
    keeping_.crowded(chain.space());
  return true;
}

Result<void> Keeper::Erase(KvTxn& txn, ContentStore& contents, const Node& node) {
  const FileId file{node.id()};
  ASSIGN_OR_RETURN(const auto rows, ReadVersions(txn, file));
  std::vector<std::size_t> all(rows.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  EraseRows(txn, contents, file, rows, all);
  return {};
}

void Drop(storage::FileTree& tree, KvTxn& txn, const Chain& chain,
          const std::vector<VersionRow>& all, const std::vector<std::size_t>& victims) {
  if (victims.empty()) return;
  Node node = chain.leaf().node;
  const std::uint64_t before = node.below().version_bytes();
  const std::uint64_t gone = EraseRows(txn, tree.contents(), FileId{node.id()}, all, victims);
  SetVersionBytes(node, before - std::min(before, gone));
  if (victims.size() == all.size())
    node.set_flags(node.flags() & ~std::uint32_t{storage::kHasVersions});
  tree.RewriteQuietly(txn, chain, node);
}

}  // namespace cairn::versions
