#include "storage/content_store.h"

#include <algorithm>

#include "storage/records.h"

namespace cairn::storage {

ContentStore::ContentStore(BlobStore& blobs, Clock& clock, Random& random, std::size_t inline_limit)
    : blobs_(blobs), clock_(clock), random_(random), inline_limit_(inline_limit) {}

std::unique_ptr<ContentIngest> ContentStore::Begin(std::span<const HashKind> kinds) {
  return std::unique_ptr<ContentIngest>(new ContentIngest(blobs_, NewId(), inline_limit_, kinds));
}

void ContentStore::Attach(KvTxn& txn, const NewContent& content, HolderKind kind,
                          std::string_view holder) {
  if (content.id.empty()) return;
  WriteRecord(txn, Table::kContents, keys::Content(content.id), content.record);
  if (content.blob) {
    Blob row;
    row.set_content(std::string(content.id.view()));
    row.set_length(content.size());
    WriteRecord(txn, Table::kBlobs, keys::Blob(*content.blob), row);
  } else {
    txn.Put(Table::kInline, keys::Content(content.id), content.inline_bytes);
  }
  txn.Put(Table::kRefs, keys::Ref(content.id, kind, holder), {});
}

Result<void> ContentStore::AddRef(KvTxn& txn, const ContentId& id, HolderKind kind,
                                  std::string_view holder) {
  if (id.empty()) return {};
  ASSIGN_OR_RETURN(const auto record, txn.Get(Table::kContents, keys::Content(id)));
  if (!record) return Fail(ErrorCode::kCorruption, "content " + id.Hex() + " is gone");
  txn.Put(Table::kRefs, keys::Ref(id, kind, holder), {});
  return {};
}

void ContentStore::AddRefLeased(KvTxn& txn, const ContentId& id, HolderKind kind,
                                std::string_view holder) {
  if (!id.empty()) txn.PutBlind(Table::kRefs, keys::Ref(id, kind, holder), {});
}

void ContentStore::MoveRef(KvTxn& txn, const ContentId& id, HolderKind from,
                           std::string_view from_holder, HolderKind to,
                           std::string_view to_holder) {
  if (id.empty()) return;
  txn.Erase(Table::kRefs, keys::Ref(id, from, from_holder));
  txn.Put(Table::kRefs, keys::Ref(id, to, to_holder), {});
}

Result<void> ContentStore::DropRef(KvTxn& txn, const ContentId& id, HolderKind kind,
                                   std::string_view holder) {
  if (id.empty()) return {};
  {
    std::lock_guard lock(collector_state_.mu);
    const auto watched = collector_state_.watched.find(id);
    if (watched != collector_state_.watched.end()) watched->second.dropped = true;
  }
  txn.Erase(Table::kRefs, keys::Ref(id, kind, holder));
  PutCandidate(txn, CandidateKind::kContent, id.view());
  return {};
}

void ContentStore::Abandon(KvTxn& txn, const ContentId& id) {
  if (!id.empty()) PutCandidate(txn, CandidateKind::kContent, id.view());
}

void ContentStore::ReleaseBlob(KvTxn& txn, const BlobId& blob) {
  PutCandidate(txn, CandidateKind::kBlob, blob.view());
}

// Every candidate has a key of its own: the collector erases the one it has looked at, and must not
// erase with it what another transaction says about the same content a moment later.
void ContentStore::PutCandidate(KvTxn& txn, CandidateKind kind, std::string_view id) {
  const std::int64_t now = clock_.NowMillis();
  std::int64_t last = last_candidate_.load();
  while (!last_candidate_.compare_exchange_weak(last, std::max(now, last + 1))) {
  }
  Candidate row;
  row.set_since(leases_.Now());
  WriteRecord(txn, Table::kCandidates, keys::Candidate(std::max(now, last + 1), kind, id), row);
}

Result<void> ContentStore::EraseManifestPages(KvTxn& txn, const ContentId& id) {
  std::vector<std::string> pages;
  const auto visit = [&](std::string_view rest, std::string_view) {
    pages.push_back(std::string(id.view()).append(rest));
    return true;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kManifests, id.view(), {}, visit));
  for (const std::string& page : pages) txn.Erase(Table::kManifests, page);
  return {};
}

Result<void> ContentStore::PutManifestPages(KvTxn& txn, const ContentId& id,
                                            std::span<const std::pair<BlobId, std::uint64_t>> parts,
                                            std::size_t first_part, std::uint64_t first_offset) {
  CAIRN_CHECK(first_part % kManifestPageParts == 0);
  if (first_part == 0) RETURN_IF_ERROR(EraseManifestPages(txn, id));
  std::uint64_t offset = first_offset;
  while (!parts.empty()) {
    ManifestPage page;
    const std::string key = keys::ManifestPage(id, offset);
    for (const auto& [blob, length] : parts.first(std::min(kManifestPageParts, parts.size()))) {
      ManifestPage::Part& part = *page.add_parts();
      part.set_blob(std::string(blob.view()));
      part.set_length(length);
      offset += length;
    }
    WriteRecord(txn, Table::kManifests, key, page);
    parts = parts.subspan(std::min(kManifestPageParts, parts.size()));
  }
  return {};
}

}  // namespace cairn::storage
