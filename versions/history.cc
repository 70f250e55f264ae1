#include "versions/history.h"

#include <algorithm>
#include <utility>

#include "storage/records.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"

namespace cairn::versions {
namespace {

using storage::Chain;
using storage::KvTxn;
using storage::KvView;
using storage::Node;
using storage::Permission;
using storage::Table;
using storage::TreeChecks;
using storage::TreePath;
using storage::Version;
using storage::WriteContext;
using storage::WriteOutcome;
namespace keys = storage::keys;

Error Missing() { return Fail(ErrorCode::kNotFound, "no such version"); }

TreePath PathOf(const Chain& chain) {
  TreePath path{.home = chain.space(), .segments = {}};
  for (std::size_t i = 1; i < chain.entries.size(); ++i)
    path.segments.push_back(chain.entries[i].name());
  return path;
}

Result<History> Read(const storage::FileTree& tree, const TreeChecks& checks, const KvView& view,
                     FileId file) {
  RETURN_IF_ERROR(checks.Live());
  History history;
  ASSIGN_OR_RETURN(history.chain, tree.ResolveId(view, file));
  RETURN_IF_ERROR(checks.Require(history.chain, Permission::kRead));
  const Node& node = history.chain.leaf().node;
  if (node.collection()) return Fail(ErrorCode::kNotFound, "a folder has no versions");
  if ((node.flags() & storage::kHasVersions) != 0) {
    ASSIGN_OR_RETURN(history.versions, ReadVersions(view, file));
  }
  return history;
}

std::optional<std::size_t> IndexOf(const History& history, std::int64_t stamp) {
  const auto found =
      std::find_if(history.versions.begin(), history.versions.end(),
                   [&](const VersionRow& row) { return row.version.stamp() == stamp; });
  if (found == history.versions.end()) return std::nullopt;
  return static_cast<std::size_t>(found - history.versions.begin());
}

// What is put where a version's content is to be.
storage::NewContent ContentOf(const Version& version) {
  storage::NewContent content;
  content.id = ContentId::FromBytes(version.content()).value_or(ContentId{});
  content.record.set_kind(storage::CONTENT_BLOB);  // whatever it is: its record is written already
  content.record.set_size(version.size());
  return content;
}

storage::PutOptions OptionsOf(const Version& version) {
  storage::PutOptions options;
  options.mtime = version.mtime();
  options.checksums = version.checksums();
  options.author = UserId{version.author()};
  if (version.has_label()) options.label = version.label();
  return options;
}

}  // namespace

std::int64_t History::CurrentStamp() const {
  std::int64_t stamp = chain.leaf().node.mtime();
  while (IndexOf(*this, stamp).has_value()) ++stamp;
  return stamp;
}

Result<std::vector<VersionRow>> ReadVersions(const KvView& view, FileId file) {
  std::vector<VersionRow> rows;
  Result<void> parsed;
  const auto visit = [&](std::string_view rest, std::string_view value) {
    VersionRow& row = rows.emplace_back();
    if (rest.size() != 8 || !storage::ParseInto(value, row.version)) {
      parsed = Fail(ErrorCode::kCorruption, "a version of node " + std::to_string(Raw(file)));
      return false;
    }
    row.sequence = ReadBig64(rest);
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kVersions, keys::VersionPrefix(file), {}, visit));
  RETURN_IF_ERROR(std::move(parsed));
  return rows;
}

Result<History> ReadHistory(const storage::FileTree& tree, const KvView& view,
                            const storage::Caller& caller, FileId file) {
  const WriteContext context{.caller = caller};
  const TreeChecks checks(tree.policies(), tree.locks(), view, context);
  return Read(tree, checks, view, file);
}

Result<WriteOutcome> Restore(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                             FileId file, std::int64_t stamp, bool keep) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const History history, Read(tree, checks, txn, file));
  const auto index = IndexOf(history, stamp);
  if (!index.has_value()) return Missing();
  RETURN_IF_ERROR(checks.Require(history.chain, Permission::kUpdate));
  const Version version = history.versions[*index].version;
  if (!keep) Drop(tree, txn, history.chain, history.versions, {*index});
  return tree.Put(txn, context, PathOf(history.chain), ContentOf(version), OptionsOf(version),
                  false);
}

Result<WriteOutcome> TakeOut(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                             FileId file, std::int64_t stamp, const TreePath& to, bool overwrite,
                             bool keep) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const History history, Read(tree, checks, txn, file));
  const auto index = IndexOf(history, stamp);
  if (!index.has_value()) return Missing();
  if (!keep) RETURN_IF_ERROR(checks.Require(history.chain, Permission::kDelete));
  if ((checks.For(history.chain) & storage::kWithheld) != 0)
    return Fail(ErrorCode::kForbidden, "the share does not give out the bytes");
  if (!overwrite && tree.Resolve(txn, to).has_value())
    return Fail(ErrorCode::kPreconditionFailed, "the target exists");
  const Version version = history.versions[*index].version;
  if (!keep) Drop(tree, txn, history.chain, history.versions, {*index});
  return tree.Put(txn, context, to, ContentOf(version), OptionsOf(version), false);
}

Result<void> SetLabel(storage::FileTree& tree, KvTxn& txn, const WriteContext& context, FileId file,
                      std::int64_t stamp, std::optional<std::string> label) {
  if (label.has_value() && label->size() > kMaxLabelBytes)
    return Fail(ErrorCode::kTooLarge, "the label is too long");
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(History history, Read(tree, checks, txn, file));
  const auto index = IndexOf(history, stamp);
  if (!index.has_value() && stamp != history.CurrentStamp()) return Missing();
  RETURN_IF_ERROR(checks.Require(history.chain, Permission::kUpdate));
  const auto put = [&](auto& record) {
    if (label.has_value()) {
      record.set_label(*label);
    } else {
      record.clear_label();
    }
  };
  if (index.has_value()) {
    VersionRow& row = history.versions[*index];
    put(row.version);
    storage::WriteRecord(txn, Table::kVersions, keys::Version(file, row.sequence), row.version);
  } else {
    Node node = history.chain.leaf().node;
    put(node);
    tree.RewriteQuietly(txn, history.chain, node);
  }
  return {};
}

Result<void> Delete(storage::FileTree& tree, KvTxn& txn, const WriteContext& context, FileId file,
                    std::int64_t stamp) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const History history, Read(tree, checks, txn, file));
  const auto index = IndexOf(history, stamp);
  if (!index.has_value() && stamp != history.CurrentStamp()) return Missing();
  RETURN_IF_ERROR(checks.Require(history.chain, Permission::kDelete));
  if (!index.has_value())
    return Fail(ErrorCode::kForbidden, "the content that the file has is not a version");
  Drop(tree, txn, history.chain, history.versions, {*index});
  return {};
}

}  // namespace cairn::versions
