#include "tests/support/tree_fixture.h"

#include <algorithm>

namespace cairn::support {

TreeCase::TreeCase() {
  alice_.user = UserId{1};
  alice_.user_name = "alice";
  alice_.token = TokenId{7};
  alice_.token_name = "laptop";
  engine_ =
      std::make_unique<Engine>(OpenMemory(clock_, random_),
                               TreePolicies{access_, quota_, versions_, trash_}, clock_, random_);
  for (const SpaceId space : {kHome, kOther}) {
    auto make = [&](KvTxn& txn) { return tree().CreateSpace(txn, alice_.user, space); };
    CAIRN_CHECK(engine_->file_ids().Reserve(1).has_value());
    CAIRN_CHECK(CommitBlocking(kv(), {DirectoryKey(), SpaceKey(space)}, make).has_value());
  }
}

TreePath TreeCase::At(std::string_view path, SpaceId space) {
  constexpr std::string_view kOtherPrefix = "other:";
  TreePath out{.home = space, .segments = {}};
  if (path.starts_with(kOtherPrefix)) {
    out.home = kOther;
    path.remove_prefix(kOtherPrefix.size());
  }
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    out.segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

WriteContext TreeCase::Context() const {
  return {.caller = alice_,
          .precondition = precondition_,
          .lock_tokens = tokens_,
          .reserved = 0,
          .parent = parent_};
}

Result<WriteOutcome> TreeCase::Mkdir(std::string_view path, const PutOptions& options) {
  return Commit(
      [&](KvTxn& txn) { return tree().MakeCollection(txn, Context(), At(path), options); });
}

Result<NewContent> TreeCase::Ingest(std::string_view text) {
  const auto ingest = engine_->contents().Begin({});
  RETURN_IF_ERROR(ingest->Append(AsBytes(text)));
  return ingest->Finish();
}

Result<WriteOutcome> TreeCase::Put(std::string_view path, std::string_view text,
                                   const PutOptions& options) {
  ASSIGN_OR_RETURN(const NewContent content, Ingest(text));
  return Commit([&](KvTxn& txn) { return tree().Put(txn, Context(), At(path), content, options); });
}

Result<WriteOutcome> TreeCase::Move(std::string_view from, std::string_view to, bool overwrite) {
  const MoveOptions options{.overwrite = overwrite};
  return Commit([&](KvTxn& txn) { return tree().Move(txn, Context(), At(from), At(to), options); });
}

Result<WriteOutcome> TreeCase::Copy(std::string_view from, std::string_view to,
                                    const CopyOptions& options) {
  return tree().CopyCollection(kv(), Context(), At(from), At(to), options);
}

Result<WriteOutcome> TreeCase::Remove(std::string_view path, bool skip_trash) {
  return Commit([&](KvTxn& txn) { return tree().Remove(txn, Context(), At(path), skip_trash); });
}

Result<WriteOutcome> TreeCase::Set(std::string_view path, const AttributeChange& change) {
  return Commit([&](KvTxn& txn) { return tree().SetAttributes(txn, Context(), At(path), change); });
}

Result<std::string> TreeCase::Lock(std::string_view path, bool infinite) {
  const LockTable::Request request{.infinite = infinite, .owner = {}, .owner_name = {}};
  auto taken =
      Commit([&](KvTxn& txn) { return TakeLock(tree(), txn, Context(), At(path), request); });
  if (taken.has_error()) return std::move(taken).error();
  return taken->held.lock.token();
}

std::optional<Entry> TreeCase::Find(std::string_view path) {
  auto chain = tree().Resolve(*kv().Published(), At(path));
  if (chain.has_error()) return std::nullopt;
  return std::move(chain->leaf());
}

Entry TreeCase::Stat(std::string_view path) {
  auto found = Find(path);
  CAIRN_CHECK(found.has_value());
  return std::move(*found);
}

std::string TreeCase::Text(std::string_view path) {
  const Entry entry = Stat(path);
  const auto view = kv().Published();
  auto reader = engine_->contents().Open(
      *view, ContentId::FromBytes(entry.node.content()).value_or(ContentId{}));
  CAIRN_CHECK(reader.has_value());
  std::string text;
  CAIRN_CHECK((*reader)->Read(0, (*reader)->size(), text).has_value());
  return text;
}

std::vector<std::string> TreeCase::Names(std::string_view path) {
  const auto page = tree().List(*kv().Published(), Stat(path).id(), {}, 10'000);
  CAIRN_CHECK(page.has_value() && !page->more);
  std::vector<std::string> names;
  for (const Entry& entry : page->entries) names.push_back(entry.name());
  return names;
}

std::vector<Event> TreeCase::Events(SpaceId space) {
  std::vector<Event> events;
  const auto visit = [&](std::string_view, std::string_view value) {
    events.push_back(*Parse<Event>(value));
    return true;
  };
  CAIRN_CHECK(kv().Published()->Scan(Table::kEvents, Big64(Raw(space)), {}, visit).has_value());
  return events;
}

std::uint64_t TreeCase::Rows(Table table) {
  std::uint64_t rows = 0;
  const auto visit = [&](std::string_view, std::string_view) {
    ++rows;
    return true;
  };
  CAIRN_CHECK(kv().Published()->Scan(table, {}, {}, visit).has_value());
  return rows;
}

std::uint64_t TreeCase::PurgeAll(std::size_t limit) {
  std::uint64_t all = 0;
  for (const SpaceId space : {kHome, kOther}) {
    for (;;) {
      const auto step = tree().PurgeStep(kv(), space, limit);
      CAIRN_CHECK(step.has_value());
      if (*step == 0) break;
      all += *step;
    }
  }
  return all;
}

namespace {

using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

// What the rows below one collection add up to.
struct Sums {
  std::uint64_t bytes = 0, files = 0, folders = 0, locks = 0, direct_files = 0, direct_folders = 0;
};

class InvariantWalk {
 public:
  explicit InvariantWalk(const KvView& view) : view_(view) {}

  AssertionResult Run() {
    ReadRows(Table::kNodes, places_);
    ReadRows(Table::kRefs, refs_);
    ReadRows(Table::kContents, contents_);
    ReadRows(Table::kCandidates, candidates_);
    ReadRows(Table::kLocks, locks_);
    ReadRows(Table::kEntries, entries_);
    Sums ignored;
    Below(FileId{}, false, ignored);
    if (seen_ != entries_.size()) Say("entries that no root leads to");
    if (seen_ != places_.size()) Say("back pointers without an entry");
    CheckContents();
    return problems_.empty() ? AssertionSuccess() : AssertionFailure() << problems_;
  }

 private:
  using Rows = std::map<std::string, std::string>;
  void ReadRows(Table table, Rows& rows) {
    const auto visit = [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    };
    CAIRN_CHECK(view_.Scan(table, {}, {}, visit).has_value());
  }
  void Say(const std::string& what) { problems_ += what + "; "; }

  void Below(FileId parent, bool counted, Sums& sums) {
    const std::string prefix = keys::EntryPrefix(parent);
    for (auto row = entries_.lower_bound(prefix);
         row != entries_.end() && row->first.starts_with(prefix); ++row) {
      const Node node = *Parse<Node>(row->second);
      const std::string key = row->first.substr(prefix.size());
      const std::string what = "node " + std::to_string(node.id());
      ++seen_;
      const auto place = places_.find(keys::Node(FileId{node.id()}));
      if (place == places_.end()) {
        Say(what + " has no place");
      } else {
        const NodePlace at = *Parse<NodePlace>(place->second);
        if (at.parent() != Raw(parent) || at.key() != key) Say(what + " stands elsewhere");
      }
      if (counted && *CheckName(node.name()) != key) Say(what + " has another key than its name");
      if (node.mtime() <= 0) Say(what + " has no mtime");
      CheckNode(node, what, counted, sums);
    }
  }

  void CheckNode(const Node& node, const std::string& what, bool counted, Sums& sums) {
    const std::string own = keys::LockPrefix(FileId{node.id()});
    for (auto lock = locks_.lower_bound(own); lock != locks_.end() && lock->first.starts_with(own);
         ++lock) {
      ++sums.locks;
    }
    if (!node.collection()) {
      ++sums.files;
      ++sums.direct_files;
      sums.bytes += node.size();
      if (!node.content().empty()) ++held_;
      const std::string ref = node.content() + "n" + keys::Node(FileId{node.id()});
      if (node.content().empty() != (node.size() == 0))
        Say(what + " has size without content or the reverse");
      if (!node.content().empty() && !refs_.contains(ref))
        Say(what + " holds no reference to its content");
      return;
    }
    Sums below;
    const bool live = counted || node.root() == ROOT_FILES || node.root() == ROOT_TRASH;
    // Names below hidden roots are ids; their sums, but for the trash's, are not kept.
    Below(FileId{node.id()}, counted || node.root() == ROOT_FILES, below);
    const Aggregates& stored = node.below();
    if (live && (stored.bytes() != below.bytes || stored.files() != below.files ||
                 stored.folders() != below.folders || stored.locks() != below.locks ||
                 node.direct_files() != below.direct_files ||
                 node.direct_folders() != below.direct_folders)) {
      Say(what + " has wrong sums");
    }
    ++sums.direct_folders;
    sums.folders += below.folders + 1;
    sums.files += below.files;
    sums.bytes += below.bytes;
    sums.locks += below.locks;
  }

  void CheckContents() {
    std::uint64_t by_nodes = 0;
    for (const auto& [ref, nothing] : refs_) {
      if (!contents_.contains(ref.substr(0, 16))) Say("a reference to a content that is gone");
      if (ref[16] == 'n') ++by_nodes;
    }
    if (by_nodes != held_) Say("references of nodes that do not hold them");
    for (const auto& [id, record] : contents_) {
      const auto ref = refs_.lower_bound(id);
      if (ref != refs_.end() && ref->first.starts_with(id)) continue;
      const bool leaving =
          std::any_of(candidates_.begin(), candidates_.end(),
                      [&, &content = id](const auto& row) { return row.first.ends_with(content); });
      if (!leaving) Say("a content that nobody holds and nobody collects");
    }
  }

  const KvView& view_;
  Rows entries_, places_, refs_, contents_, candidates_, locks_;
  std::uint64_t seen_ = 0;
  std::uint64_t held_ = 0;
  std::string problems_;
};

}  // namespace

testing::AssertionResult TreeCase::InvariantsHold() {
  const auto view = kv().Published();
  return InvariantWalk(*view).Run();
}

}  // namespace cairn::support
