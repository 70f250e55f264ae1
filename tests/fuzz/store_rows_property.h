// What must hold for a store in which rows have become something else: nobody crashes, no one is
// given bytes that were never stored, and what fsck calls clean can be read.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "quota/space_quota.h"
#include "storage/commit.h"
#include "storage/engine.h"
#include "storage/fsck.h"
#include "storage/records.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::fuzz {

using storage::Table;

class Everybody final : public storage::AccessPolicy {
 public:
  Result<void> CheckLive(const storage::KvView&, const storage::Caller&) const override {
    return {};
  }
  storage::Permissions For(const storage::KvView&, const storage::Caller&,
                           const storage::Chain&) const override {
    return storage::kAllPermissions;
  }
};

// docs/ with an inline file, one of a blob, one of two blobs, a folder in a folder.
class StoredScene {
 public:
  static constexpr std::size_t kInlineLimit = 100;
  static constexpr SpaceId kHome{1};

  StoredScene()
      : engine_(storage::OpenMemory(clock_, random_), {access_, quota_, versions_, trash_}, clock_,
                random_, kInlineLimit) {
    CAIRN_CHECK(engine_.file_ids().Reserve(100).has_value());
    Change([&](storage::KvTxn& txn) -> Result<void> {
      storage::User user;
      user.set_id(Raw(caller_.user));
      user.set_name(caller_.user_name);
      user.set_space(Raw(kHome));
      storage::WriteRecord(txn, Table::kUsers, storage::keys::User(caller_.user), user);
      RETURN_IF_ERROR(tree().CreateSpace(txn, caller_.user, kHome));
      RETURN_IF_ERROR(tree().MakeCollection(txn, context_, At({"docs"}), {}));
      RETURN_IF_ERROR(tree().MakeCollection(txn, context_, At({"docs", "sub"}), {}));
      RETURN_IF_ERROR(tree().MakeCollection(txn, context_, At({"docs", "sub", "deep"}), {}));
      return {};
    });
    Put({"docs", "a.txt"}, "inline");
    Put({"docs", "b.bin"}, std::string(300, 'b'));
    Put({"docs", "sub", "c.bin"}, std::string(2'000, 'c'));
    PutParts({"docs", "sub", "parts"}, {std::string(500, 'p'), std::string(200, 'q')});
  }

  storage::FileTree& tree() { return engine_.tree(); }
  storage::Engine& engine() { return engine_; }
  const storage::WriteContext& context() const { return context_; }
  const std::set<std::string>& stored() const { return stored_; }

  static storage::TreePath At(std::vector<std::string> segments) {
    return {.home = kHome, .segments = std::move(segments)};
  }
  // Whether it is done or refused.
  template <class Body>
  void Try(Body body) {
    std::ignore = storage::CommitBlocking(
        engine_.kv(), {storage::DirectoryKey(), storage::SpaceKey(kHome)}, body);
  }

 private:
  template <class Body>
  void Change(Body body) {
    CAIRN_CHECK(storage::CommitBlocking(engine_.kv(),
                                        {storage::DirectoryKey(), storage::SpaceKey(kHome)}, body)
                    .has_value());
  }
  void Put(std::vector<std::string> path, const std::string& bytes) {
    auto ingest = engine_.contents().Begin({});
    CAIRN_CHECK(ingest->Append(AsBytes(bytes)).has_value());
    const auto content = ingest->Finish();
    CAIRN_CHECK(content.has_value());
    Change([&](storage::KvTxn& txn) { return tree().Put(txn, context_, At(path), *content, {}); });
    stored_.insert(bytes);
  }
  void PutParts(std::vector<std::string> path, const std::vector<std::string>& parts) {
    storage::NewContent content;
    content.id = engine_.contents().NewId();
    storage::Content& record = content.record;
    record.set_kind(storage::CONTENT_MANIFEST);
    record.set_pages(1);
    std::vector<std::pair<BlobId, std::uint64_t>> blobs;
    std::string all;
    for (const std::string& bytes : parts) {
      auto writer = engine_.contents().blobs().Create(content.id).value();
      CAIRN_CHECK(writer->Append(AsBytes(bytes)).has_value() && writer->Finish().has_value());
      blobs.emplace_back(writer->id(), bytes.size());
      all += bytes;
    }
    record.set_size(all.size());
    Change([&](storage::KvTxn& txn) -> Result<void> {
      for (const auto& [blob, length] : blobs) {
        storage::Blob row;
        row.set_content(std::string(content.id.view()));
        row.set_length(length);
        storage::WriteRecord(txn, Table::kBlobs, storage::keys::Blob(blob), row);
      }
      RETURN_IF_ERROR(engine_.contents().PutManifestPages(txn, content.id, blobs, 0, 0));
      storage::WriteRecord(txn, Table::kContents, storage::keys::Content(content.id), record);
      RETURN_IF_ERROR(tree().Put(txn, context_, At(path), content, {}, false));
      return {};
    });
    stored_.insert(all);
  }

  FakeClock clock_;
  SeededRandom random_{1};
  Everybody access_;
  quota::SpaceQuota quota_;
  versions::NoVersions versions_;
  trash::NoTrash trash_;
  storage::Engine engine_;
  const storage::Caller caller_{
      .user = UserId{1}, .user_name = "alice", .token = {}, .token_key = {}, .token_name = {}};
  const storage::WriteContext context_{.caller = caller_};
  std::set<std::string> stored_;
};

struct StoredRow {
  Table table;
  std::string key, value;
};

inline std::vector<StoredRow> RowsOf(storage::KvStore& kv) {
  std::vector<StoredRow> rows;
  const auto view = kv.Published();
  for (const Table table : {Table::kSystem, Table::kEntries, Table::kNodes, Table::kSpaces,
                            Table::kContents, Table::kManifests, Table::kRefs, Table::kBlobs,
                            Table::kUsers, Table::kInline, Table::kCandidates, Table::kEvents}) {
    const auto visit = [&](std::string_view key, std::string_view value) {
      rows.push_back({table, std::string(key), std::string(value)});
      return true;
    };
    CAIRN_CHECK(view->Scan(table, {}, {}, visit).has_value());
  }
  return rows;
}

// An edit is: what, which row, how many bytes follow, those bytes. `unchecked`: a row was edited
// that says what bytes there are and has no sum but the store's own.
inline void ApplyEdits(StoredScene& scene, std::string_view input, bool& unchecked) {
  const auto rows = RowsOf(scene.engine().kv());
  const auto edit = [&](storage::KvTxn& txn) -> Result<void> {
    while (input.size() >= 3) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
      const StoredRow& row = rows[byte(1) % rows.size()];
      const int what = byte(0) % 6;
      const std::size_t place = byte(0) / 6;
      const std::string_view bytes = input.substr(3, byte(2));
      input.remove_prefix(3 + bytes.size());
      unchecked = unchecked || row.table == Table::kInline || row.table == Table::kManifests;
      std::string value = row.value;
      if (what == 0) value.append(bytes);  // a later field wins
      if (what == 1) value = bytes;
      if (what == 2 && !bytes.empty())
        value.replace(place % (value.size() + 1), bytes.size(), bytes);
      if (what == 3) value.resize(value.size() / 2);
      if (what >= 4) txn.Erase(row.table, row.key);
      if (what == 5) txn.Put(row.table, bytes, value);  // the row under another key
      if (what < 4) txn.Put(row.table, row.key, value);
    }
    return {};
  };
  scene.Try(edit);
}

struct Walk {
  bool whole = true;
  int steps = 0;
};

inline void WalkFolder(StoredScene& scene, const storage::KvView& view, FileId folder, int depth,
                       bool unchecked, Walk& walk) {
  if (depth > 20 || ++walk.steps > 200) return;
  const auto page = scene.tree().List(view, folder, {}, 100);
  walk.whole = walk.whole && page.has_value();
  if (page.has_error()) return;
  for (const storage::Entry& entry : page->entries) {
    std::ignore = scene.tree().ChainOf(view, entry.id());
    if (entry.is_collection()) {
      WalkFolder(scene, view, entry.id(), depth + 1, unchecked, walk);
      continue;
    }
    ContentId content;
    if (!entry.node.content().empty()) {
      const auto id = ContentId::FromBytes(entry.node.content());
      walk.whole = walk.whole && id.has_value();
      if (!id) continue;
      content = *id;
    }
    std::string bytes;
    auto reader = scene.engine().contents().Open(view, content);
    if (reader.has_error() || (*reader)->size() > (1 << 20) ||
        (*reader)->Read(0, (*reader)->size(), bytes).has_error()) {
      walk.whole = false;
      continue;
    }
    walk.whole = walk.whole && bytes.size() == entry.node.size();
    if (!content.empty() && !unchecked) CAIRN_CHECK(scene.stored().contains(bytes));
  }
}

inline void CheckStoreRows(std::string_view input) {
  StoredScene scene;
  bool unchecked = false;
  ApplyEdits(scene, input, unchecked);
  storage::FsckOptions options;
  options.read_data = true;
  const auto report = storage::Fsck(scene.engine().kv(), scene.engine().contents(), options);
  const auto view = scene.engine().kv().Published();
  Walk walk;
  for (const auto& path : {scene.At({"docs", "a.txt"}), scene.At({"docs", "sub", "parts"})})
    std::ignore = scene.tree().Resolve(*view, path);
  if (const auto root = scene.tree().Resolve(*view, scene.At({})); root.has_value()) {
    WalkFolder(scene, *view, root->leaf().id(), 0, unchecked, walk);
  }
  if (report.has_value() && report->clean()) CAIRN_CHECK(walk.whole);
  // Writers and the cleaners after them meet the same rows.
  scene.Try([&](storage::KvTxn& txn) {
    return scene.tree().Move(txn, scene.context(), scene.At({"docs", "sub"}), scene.At({"moved"}),
                             {});
  });
  scene.Try([&](storage::KvTxn& txn) {
    return scene.tree().Remove(txn, scene.context(), scene.At({"docs"}), true);
  });
  for (int step = 0; step < 3; ++step) {
    std::ignore = scene.tree().PurgeStep(scene.engine().kv(), StoredScene::kHome, 100);
    std::ignore = storage::CollectStep(scene.engine().kv(), scene.engine().contents(), 100, false);
  }
}

}  // namespace cairn::fuzz
