// Contents over an in-memory store, without a tree: verbs for the tests of contents and collector.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/content_store.h"
#include "storage/engine.h"
#include "storage/memory_blob_store.h"
#include "storage/records.h"

namespace cairn::storage {

class ContentCase : public testing::Test {
 protected:
  static constexpr std::size_t kInlineLimit = 100;
  static constexpr SpaceId kSpace{1};

  KvStore& kv() { return *backend_.kv; }
  MemoryBlobStore& blobs() { return dynamic_cast<MemoryBlobStore&>(*backend_.blobs); }
  ContentStore& contents() { return contents_; }

  template <class Body>
  auto Change(Body body, SpaceId space = kSpace) -> std::invoke_result_t<Body&, KvTxn&> {
    return CommitBlocking(kv(), {SpaceKey(space)}, body);
  }
  // A content of these bytes that `holder` refers to.
  ContentId Store(const std::string& bytes, std::string_view holder, SpaceId space = kSpace) {
    auto ingest = contents().Begin({});
    EXPECT_TRUE(ingest->Append(AsBytes(bytes)).has_value());
    const auto content = ingest->Finish();
    EXPECT_TRUE(content.has_value());
    auto attach = [&](KvTxn& txn) -> Result<void> {
      contents().Attach(txn, *content, HolderKind::kNode, holder);
      return {};
    };
    EXPECT_TRUE(Change(attach, space).has_value());
    return content->id;
  }
  // The same of several blobs, as an upload makes it.
  ContentId StoreParts(const std::vector<std::string>& parts, std::string_view holder) {
    const ContentId id = contents().NewId();
    std::vector<std::pair<BlobId, std::uint64_t>> all;
    Content record;
    for (const std::string& bytes : parts) {
      auto writer = std::move(*blobs().Create(id));
      EXPECT_TRUE(writer->Append(AsBytes(bytes)).has_value());
      EXPECT_TRUE(writer->Finish().has_value());
      all.emplace_back(writer->id(), bytes.size());
      record.set_size(record.size() + bytes.size());
    }
    record.set_kind(CONTENT_MANIFEST);
    record.set_pages((parts.size() + kManifestPageParts - 1) / kManifestPageParts);
    auto attach = [&](KvTxn& txn) -> Result<void> {
      for (const auto& [blob, length] : all) {
        Blob row;
        row.set_content(std::string(id.view()));
        row.set_length(length);
        WriteRecord(txn, Table::kBlobs, keys::Blob(blob), row);
      }
      RETURN_IF_ERROR(contents().PutManifestPages(txn, id, all, 0, 0));
      WriteRecord(txn, Table::kContents, keys::Content(id), record);
      return contents().AddRef(txn, id, HolderKind::kNode, holder);
    };
    EXPECT_TRUE(Change(attach).has_value());
    return id;
  }
  Result<void> AddRef(const ContentId& id, std::string_view holder, SpaceId space = kSpace) {
    return Change([&](KvTxn& txn) { return contents().AddRef(txn, id, HolderKind::kNode, holder); },
                  space);
  }
  Result<void> Drop(const ContentId& id, std::string_view holder, SpaceId space = kSpace) {
    return Change(
        [&](KvTxn& txn) { return contents().DropRef(txn, id, HolderKind::kNode, holder); }, space);
  }
  Result<std::string> Read(const ContentId& id) {
    ASSIGN_OR_RETURN(const auto reader, contents().Open(*kv().Published(), id));
    std::string all;
    RETURN_IF_ERROR(reader->Read(0, reader->size(), all));
    return all;
  }
  CollectorReport Collect(std::size_t limit = 1000, bool dry_run = false) {
    auto report = CollectStep(kv(), contents(), limit, dry_run);
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return *report;
  }
  std::size_t Rows(Table table) {
    std::size_t rows = 0;
    const auto visit = [&](std::string_view, std::string_view) {
      ++rows;
      return true;
    };
    EXPECT_TRUE(kv().Published()->Scan(table, {}, {}, visit).has_value());
    return rows;
  }
  // Not a row, not a blob of any content.
  void ExpectNothingLeft() {
    for (const Table table : {Table::kContents, Table::kInline, Table::kManifests, Table::kRefs,
                              Table::kBlobs, Table::kChunks, Table::kCandidates}) {
      EXPECT_EQ(Rows(table), 0u) << "table " << static_cast<int>(table);
    }
    EXPECT_EQ(blobs().count(), 0u);
  }

  FakeClock clock_;
  SeededRandom random_{7};
  Backend backend_ = OpenMemory(clock_, random_);
  ContentStore contents_{*backend_.blobs, clock_, random_, kInlineLimit};
};

}  // namespace cairn::storage
