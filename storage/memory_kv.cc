#include "storage/memory_kv.h"

#include <algorithm>
#include <atomic>
#include <limits>

#include "storage/change_mark.h"
#include "storage/key_range.h"

namespace cairn::storage {
namespace {

// A scan copies this many rows under the mutex, then visits them without it: `visit` may use the
// store.
constexpr std::size_t kPairsPerPage = 128;
constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();

// Walks pages from next_page(from) until `visit` stops or a page comes back empty.
template <class NextPage>
void Walk(std::string_view prefix, std::string_view after, KvView::Visit visit,
          NextPage next_page) {
  std::string from = std::string(prefix).append(after);
  if (!after.empty()) from.push_back('\0');  // the first key after it
  while (true) {
    const auto page = next_page(from);
    for (const auto& [key, value] : page) {
      if (!visit(std::string_view(key).substr(prefix.size()), value)) return;
    }
    if (page.size() < kPairsPerPage) return;
    from = page.back().first;
    from.push_back('\0');
  }
}

}  // namespace

class MemoryKv::View final : public KvView {
 public:
  View(const MemoryKv& store, std::uint64_t seq, bool memory_only)
      : store_(store), seq_(seq), lease_(store.view_lease_), memory_only_(memory_only) {}
  ~View() override {
    const std::lock_guard lock(store_.mu_);
    store_.open_views_.erase(store_.open_views_.find(seq_));
  }

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    RETURN_IF_ERROR(lease_.Check());
    gets_.fetch_add(1, std::memory_order_relaxed);
    return store_.GetAt(FullKey(table, key), seq_);
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const override {
    RETURN_IF_ERROR(lease_.Check());
    gets_.fetch_add(keys.size(), std::memory_order_relaxed);
    std::vector<std::optional<std::string>> values;
    values.reserve(keys.size());
    for (const std::string& key : keys) values.push_back(store_.GetAt(FullKey(table, key), seq_));
    return values;
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    RETURN_IF_ERROR(lease_.Check());
    const std::string full = FullKey(table, prefix);
    Walk(full, after, visit,
         [&](const std::string& from) { return store_.PageAt(full, from, seq_, nullptr); });
    return {};
  }
  std::uint64_t gets() const override { return gets_.load(std::memory_order_relaxed); }
  std::optional<std::uint64_t> sharing_state() const override {
    const std::lock_guard lock(store_.mu_);
    if (seq_ < store_.sharing_changed_) return std::nullopt;
    return store_.sharing_changed_;
  }
  bool memory_only() const override { return memory_only_; }
  Error Miss() const override {
    missed_ = true;
    return KvView::Miss();
  }
  bool missed() const override { return missed_; }

 private:
  const MemoryKv& store_;
  const std::uint64_t seq_;
  const ViewLease lease_;
  const bool memory_only_;
  mutable std::atomic<bool> missed_{false};
  mutable std::atomic<std::uint64_t> gets_{0};
};

class MemoryKv::Txn final : public KvTxn {
 public:
  explicit Txn(MemoryKv& store) : store_(store) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    ++gets_;
    return Read(FullKey(table, key));
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const override {
    gets_ += keys.size();
    std::vector<std::optional<std::string>> values;
    values.reserve(keys.size());
    for (const std::string& key : keys) values.push_back(Read(FullKey(table, key)));
    return values;
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    const std::string full = FullKey(table, prefix);
    Walk(full, after, visit,
         [&](const std::string& from) { return store_.PageAt(full, from, kNewest, &writes_); });
    return {};
  }
  std::uint64_t gets() const override { return gets_; }

  void Put(Table table, std::string_view key, std::string_view value) override {
    dirty_ = true;
    if (limits_.Take(key, value)) writes_[FullKey(table, key)] = std::string(value);
  }
  void Erase(Table table, std::string_view key) override {
    dirty_ = true;
    if (limits_.Take(key, {})) writes_[FullKey(table, key)] = std::nullopt;
  }
  Result<CommitSeq> Commit() override {
    CAIRN_CHECK(!over_);
    over_ = true;
    RETURN_IF_ERROR(limits_.Check());
    return store_.Apply(std::move(writes_));
  }
  bool dirty() const override { return dirty_; }

 private:
  Value Read(const std::string& key) const {
    const auto own = writes_.find(key);
    return own != writes_.end() ? own->second : store_.GetAt(key, kNewest);
  }

  MemoryKv& store_;
  Writes writes_;
  TxnLimits limits_;
  mutable std::uint64_t gets_ = 0;
  bool dirty_ = false;
  bool over_ = false;
};

MemoryKv::~MemoryKv() { gate_.Close(Fail(ErrorCode::kBusy, "the store is closed")); }

std::shared_ptr<const KvView> MemoryKv::Published() const { return NewView(false); }

std::shared_ptr<const KvView> MemoryKv::PublishedInMemory() const { return NewView(true); }

std::shared_ptr<const KvView> MemoryKv::NewView(bool memory_only) const {
  std::uint64_t seq = 0;
  {
    const std::lock_guard lock(mu_);
    seq = published_;
    open_views_.insert(seq);
  }
  return std::make_shared<View>(*this, seq, memory_only);
}

std::unique_ptr<KvTxn> MemoryKv::Begin(const WriterGuard&) { return std::make_unique<Txn>(*this); }

CommitSeq MemoryKv::LatestSeq() const {
  const std::lock_guard lock(mu_);
  return CommitSeq{latest_};
}

const MemoryKv::Value* MemoryKv::At(const std::vector<Version>& versions, std::uint64_t seq) const {
  const auto after = std::upper_bound(versions.begin(), versions.end(), seq,
                                      [](std::uint64_t s, const Version& v) { return s < v.seq; });
  if (after == versions.begin() || !std::prev(after)->value.has_value()) return nullptr;
  return &std::prev(after)->value;
}

MemoryKv::Value MemoryKv::GetAt(const std::string& key, std::uint64_t seq) const {
  const std::lock_guard lock(mu_);
  const auto row = rows_.find(key);
  if (row == rows_.end()) return std::nullopt;
  const Value* value = At(row->second, seq);
  return value == nullptr ? std::nullopt : *value;
}

MemoryKv::Page MemoryKv::PageAt(std::string_view prefix, const std::string& from, std::uint64_t seq,
                                const Writes* writes) const {
  static const Writes kNone;
  const Writes& own = writes == nullptr ? kNone : *writes;
  Page page;
  const std::lock_guard lock(mu_);
  auto row = rows_.lower_bound(from);
  auto write = own.lower_bound(from);
  while (page.size() < kPairsPerPage) {
    const bool row_in = row != rows_.end() && row->first.starts_with(prefix);
    const bool write_in = write != own.end() && write->first.starts_with(prefix);
    if (!row_in && !write_in) break;
    if (write_in && (!row_in || write->first <= row->first)) {
      if (row_in && write->first == row->first) ++row;
      if (write->second.has_value()) page.emplace_back(write->first, *write->second);
      ++write;
    } else {
      if (const Value* value = At(row->second, seq)) page.emplace_back(row->first, **value);
      ++row;
    }
  }
  return page;
}

Result<CommitSeq> MemoryKv::Apply(Writes writes) {
  const std::lock_guard lock(mu_);
  if (refuse_ > 0) {
    --refuse_;
    return Fail(ErrorCode::kBusy, "slow down");
  }
  if (writes.empty()) return CommitSeq{latest_};
  ++latest_;
  for (auto& [key, value] : writes) {
    if (DecidesViews(Table{static_cast<std::uint8_t>(key.front())})) sharing_changed_ = latest_;
    auto& versions = rows_[key];
    versions.push_back({latest_, std::move(value)});
    Prune(versions);
    if (versions.size() == 1 && !versions.front().value.has_value()) rows_.erase(key);
  }
  if (!held_) Publish(latest_);
  return CommitSeq{latest_};
}

void MemoryKv::Prune(std::vector<Version>& versions) const {
  const std::uint64_t oldest =
      std::min(held_ ? published_ : latest_, open_views_.empty() ? kNewest : *open_views_.begin());
  // What the oldest reader sees stays; everything before it goes.
  const auto after = std::upper_bound(versions.begin(), versions.end(), oldest,
                                      [](std::uint64_t s, const Version& v) { return s < v.seq; });
  if (after != versions.begin()) versions.erase(versions.begin(), std::prev(after));
}

void MemoryKv::Publish(std::uint64_t seq) {
  published_ = seq;
  gate_.Pass(CommitSeq{seq});
}

void MemoryKv::HoldSync() {
  const std::lock_guard lock(mu_);
  held_ = true;
}

void MemoryKv::ReleaseSync() {
  const std::lock_guard lock(mu_);
  held_ = false;
  Publish(latest_);
}

void MemoryKv::FailSync() {
  HoldSync();
  gate_.Close(Fail(ErrorCode::kIo, "the sync failed"));
}

void MemoryKv::RefuseCommits(int count) {
  const std::lock_guard lock(mu_);
  refuse_ = count;
}

}  // namespace cairn::storage
