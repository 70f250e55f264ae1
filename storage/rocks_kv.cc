#include "storage/rocks_kv.h"

#include <rocksdb/utilities/write_batch_with_index.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <utility>

#include "base/log.h"
#include "storage/ignored_reads.h"
#include "storage/key_range.h"
#include "storage/rocks_db.h"

namespace cairn::storage {
namespace {

// A longer scan would wash everything else out of the block cache.
constexpr std::uint64_t kCachedScan = 1000;
// A transaction's scan copies so many rows, then visits them without an iterator: `visit` may
// change them.
constexpr std::size_t kPage = 128;
constexpr CommitSeq kLatest{UINT64_MAX};
constexpr std::chrono::microseconds kMostPatience{500};

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The answers of a MultiGet.
Result<std::vector<std::optional<std::string>>> Collect(
    RocksDb& db, std::span<const rocksdb::Status> statuses,
    std::span<const rocksdb::PinnableSlice> values) {
  std::vector<std::optional<std::string>> out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (statuses[i].ok()) {
      out[i] = values[i].ToString();
    } else if (!statuses[i].IsNotFound()) {
      return db.ToError(statuses[i], "multi-get");
    }
  }
  return out;
}

// The keys of a MultiGet as RocksDB wants them.
struct KeyList {
  KeyList(Table table, std::span<const std::string> keys)
      : values(keys.size()), statuses(keys.size()) {
    full.reserve(keys.size());
    slices.reserve(keys.size());
    for (const std::string& key : keys) full.push_back(FullKey(table, key));
    for (const std::string& key : full) slices.emplace_back(key);
  }
  std::vector<std::string> full;
  std::vector<rocksdb::Slice> slices;
  std::vector<rocksdb::PinnableSlice> values;
  std::vector<rocksdb::Status> statuses;
};

}  // namespace

struct RocksKv::Snapshot {
  explicit Snapshot(std::shared_ptr<RocksDb> of)
      : db(std::move(of)), snapshot(db->db().GetSnapshot()), seq{snapshot->GetSequenceNumber()} {}
  ~Snapshot() { db->db().ReleaseSnapshot(snapshot); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const std::shared_ptr<RocksDb> db;
  const rocksdb::Snapshot* const snapshot;
  const CommitSeq seq;
};

struct RocksKv::State {
  State(std::shared_ptr<RocksDb> opened, const RocksOptions& options, Faults& f)
      : db(std::move(opened)),
        faults(f),
        watermark(options.watermark),
        view_lease(options.view_lease),
        read_only(options.read_only),
        published(std::make_shared<const Snapshot>(db)) {}

  std::shared_ptr<const Snapshot> Current() {
    const std::lock_guard lock(mu);
    return published;
  }
  void Publish(std::shared_ptr<const Snapshot> snapshot) {
    const std::lock_guard lock(mu);
    published.swap(snapshot);
  }  // the old one is released after the mutex, by whoever had it last

  const std::shared_ptr<RocksDb> db;
  Faults& faults;
  const std::shared_ptr<Watermark> watermark;
  const std::chrono::milliseconds view_lease;
  const bool read_only;
  StoreTallies tallies;
  std::mutex mu;
  std::shared_ptr<const Snapshot> published;  // guarded by mu
};

class RocksKv::View final : public KvView {
 public:
  View(std::shared_ptr<const Snapshot> snapshot, std::chrono::milliseconds lease,
       rocksdb::ReadTier tier)
      : snapshot_(std::move(snapshot)), db_(*snapshot_->db), lease_(lease), tier_(tier) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    RETURN_IF_ERROR(lease_.Check());
    gets_.fetch_add(1, std::memory_order_relaxed);
    const std::string full = FullKey(table, key);
    if (!RowCache::Keeps(table)) return Read(table, full);
    RowCache& rows = db_.rows();
    if (auto known = rows.Find(full, snapshot_->seq)) return std::move(*known);
    ASSIGN_OR_RETURN(auto row, Read(table, full));
    rows.Insert(full, snapshot_->seq, row);
    return row;
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const override {
    RETURN_IF_ERROR(lease_.Check());
    gets_.fetch_add(keys.size(), std::memory_order_relaxed);
    KeyList list(table, keys);
    db_.db().MultiGet(Options(), db_.FamilyFor(table), keys.size(), list.slices.data(),
                      list.values.data(), list.statuses.data());
    for (const rocksdb::Status& status : list.statuses) {
      if (memory_only() && status.IsIncomplete()) return Miss();
    }
    return Collect(db_, list.statuses, list.values);
  }

  Result<void> Scan(Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    const std::string full = FullKey(table, prefix);
    const std::string last = full + std::string(after);
    const auto end = EndOfPrefix(full);  // a table's number is never 0xff: there always is one
    const rocksdb::Slice bound(*end);
    rocksdb::ReadOptions options = Options();
    options.iterate_upper_bound = &bound;
    std::unique_ptr<rocksdb::Iterator> it;
    std::string from = last;
    bool skip_from = !after.empty();
    for (std::uint64_t seen = 0;; ++seen) {
      if (seen % kCachedScan == 0) {
        RETURN_IF_ERROR(lease_.Check());
        if (seen <= kCachedScan) {  // at the beginning, and once more without the cache
          options.fill_cache = seen == 0;
          if (it != nullptr) from = it->key().ToString();
          it.reset(db_.db().NewIterator(options, db_.FamilyFor(table)));
          it->Seek(from);
          if (skip_from && it->Valid() && ToView(it->key()) == from) it->Next();
          skip_from = false;
        }
      }
      if (!it->Valid()) break;
      if (!visit(ToView(it->key()).substr(full.size()), ToView(it->value()))) return {};
      it->Next();
      if (!it->Valid()) break;
    }
    if (!it->status().ok()) return ToError(it->status(), "scan");
    return {};
  }

  std::uint64_t gets() const override { return gets_.load(std::memory_order_relaxed); }
  std::optional<std::uint64_t> sharing_state() const override {
    return db_.sharing().StateOf(snapshot_->seq);
  }
  bool memory_only() const override { return tier_ == rocksdb::kBlockCacheTier; }
  Error Miss() const override {
    missed_.store(true, std::memory_order_relaxed);
    return KvView::Miss();
  }
  bool missed() const override { return missed_.load(std::memory_order_relaxed); }

 private:
  Result<std::optional<std::string>> Read(Table table, const std::string& full) const {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = db_.db().Get(Options(), db_.FamilyFor(table), full, &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return ToError(status, "get");
    return std::optional<std::string>(value.ToString());
  }
  rocksdb::ReadOptions Options() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_->snapshot;
    options.read_tier = tier_;
    return options;
  }
  Error ToError(const rocksdb::Status& status, std::string_view what) const {
    if (memory_only() && status.IsIncomplete()) return Miss();
    return db_.ToError(status, what);
  }

  const std::shared_ptr<const Snapshot> snapshot_;
  RocksDb& db_;
  const ViewLease lease_;
  const rocksdb::ReadTier tier_;
  mutable std::atomic<bool> missed_{false};
  mutable std::atomic<std::uint64_t> gets_{0};
};

// One thread: sync, publish, pass the gate. See the class comment of RocksKv.
class RocksKv::Syncer {
 public:
  Syncer(State& state, SyncGate& gate, const WriterKeys& writers)
      : state_(state),
        gate_(gate),
        writers_(writers),
        synced_(state.Current()->seq),
        wanted_(synced_) {
    gate_.Pass(synced_);  // recovery has written all of it to tables
    thread_ = std::thread([this] { Run(); });
  }
  ~Syncer() {
    {
      const std::lock_guard lock(mu_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void Want(CommitSeq seq) {
    {
      const std::lock_guard lock(mu_);
      if (seq <= wanted_) return;
      wanted_ = seq;
      if (gathering_) return;
    }
    wake_.notify_one();
  }
  // Nobody writes now.
  void Quiet() {
    {
      const std::lock_guard lock(mu_);
      if (!std::exchange(gathering_, false)) return;
    }
    wake_.notify_one();
  }
  std::uint64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }

 private:
  void Run() {
    std::unique_lock lock(mu_);
    while (true) {
      if (wanted_ > synced_) {
        Gather(lock);
        lock.unlock();
        const bool good = Sync();
        lock.lock();
        if (!good) return;
        continue;
      }
      if (stop_) break;
      const auto due = state_.watermark != nullptr ? state_.watermark->due() : std::nullopt;
      const auto something = [&] { return stop_ || wanted_ > synced_; };
      if (!due.has_value()) {
        wake_.wait(lock, something);
      } else if (!wake_.wait_until(lock, *due, something)) {
        lock.unlock();
        state_.watermark->Flush();
        lock.lock();
      }
    }
    if (state_.watermark != nullptr) state_.watermark->Flush();
  }

  // One sync serves all who are about to commit: they are waited for, at most as long as the last
  // sync took. A lone writer is not kept waiting.
  void Gather(std::unique_lock<std::mutex>& lock) {
    if (writers_.Active() < 2) return;
    gathering_ = true;
    wake_.wait_for(lock, patience_, [&] { return stop_ || !gathering_; });
    gathering_ = false;
  }

  // False: the store is broken.
  bool Sync() {
    const DurationTally::Scope timed(state_.tallies.syncs);
    // The snapshot comes first: everything in it has been appended to the log, which is what the
    // sync covers.
    auto snapshot = std::make_shared<const Snapshot>(state_.db);
    const CommitSeq seq = snapshot->seq;
    const auto begun = std::chrono::steady_clock::now();
    const rocksdb::Status status = state_.db->db().SyncWAL();
    patience_ =
        std::min<std::chrono::nanoseconds>(kMostPatience, std::chrono::steady_clock::now() - begun);
    syncs_.fetch_add(1, std::memory_order_relaxed);
    if (!status.ok()) {
      state_.faults.OnSyncError(status.ToString());
      gate_.Close(Fail(ErrorCode::kIo, "sync failed: " + status.ToString()));
      return false;
    }
    state_.Publish(std::move(snapshot));
    if (state_.watermark != nullptr) state_.watermark->Note(seq);
    synced_ = seq;
    gate_.Pass(seq);
    return true;
  }

  State& state_;
  SyncGate& gate_;
  const WriterKeys& writers_;
  std::mutex mu_;
  std::condition_variable wake_;
  CommitSeq synced_;                      // the thread's own
  std::chrono::nanoseconds patience_{0};  // the thread's own
  CommitSeq wanted_;                      // guarded by mu_
  bool gathering_ = false;                // guarded by mu_
  bool stop_ = false;                     // guarded by mu_
  std::atomic<std::uint64_t> syncs_{0};
  std::thread thread_;
};

class RocksKv::Txn final : public KvTxn {
 public:
  Txn(State& state, Syncer* syncer)
      : state_(state),
        db_(*state.db),
        syncer_(syncer),
        batch_(rocksdb::BytewiseComparator(), 0, true) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    ++gets_;
    const std::string full = FullKey(table, key);
    if (RowCache::Keeps(table) && !touches_rows_) {
      if (auto known = db_.rows().Find(full, kLatest)) return std::move(*known);
    }
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = batch_.GetFromBatchAndDB(&db_.db(), rocksdb::ReadOptions(),
                                                            db_.FamilyFor(table), full, &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return db_.ToError(status, "get");
    return std::optional<std::string>(value.ToString());
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const override {
    gets_ += keys.size();
    KeyList list(table, keys);
    batch_.MultiGetFromBatchAndDB(&db_.db(), rocksdb::ReadOptions(), db_.FamilyFor(table),
                                  keys.size(), list.slices.data(), list.values.data(),
                                  list.statuses.data(), false);
    return Collect(db_, list.statuses, list.values);
  }

  Result<void> Scan(Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    const std::string full = FullKey(table, prefix);
    std::string from = full + std::string(after);
    if (!after.empty()) from.push_back('\0');  // the first key after it
    for (std::uint64_t seen = 0;; seen += kPage) {
      ASSIGN_OR_RETURN(const auto page, NextPage(table, full, from, seen < kCachedScan));
      for (const auto& [key, value] : page) {
        if (!visit(std::string_view(key).substr(full.size()), value)) return {};
      }
      if (page.size() < kPage) return {};
      from = page.back().first;
      from.push_back('\0');
    }
  }

  std::uint64_t gets() const override { return gets_; }

  void Put(Table table, std::string_view key, std::string_view value) override {
    Touch(table);
    if (!limits_.Take(key, value)) return;
    Note(batch_.Put(db_.FamilyFor(table), FullKey(table, key), ToSlice(value)));
  }
  void PutBlind(Table table, std::string_view key, std::string_view value) override {
    Touch(table);
    if (!limits_.Take(key, value)) return;
    const std::string full = FullKey(table, key);
    Note(batch_.GetWriteBatch()->Put(db_.FamilyFor(table), full, ToSlice(value)));  // no index
  }
  void Erase(Table table, std::string_view key) override {
    Touch(table);
    if (!limits_.Take(key, {})) return;
    Note(batch_.Delete(db_.FamilyFor(table), FullKey(table, key)));
  }
  bool dirty() const override { return dirty_; }

  Result<CommitSeq> Commit() override {
    CAIRN_CHECK(!over_);
    over_ = true;
    RETURN_IF_ERROR(limits_.Check());
    if (!failed_.ok()) return db_.ToError(failed_, "batch");
    if (syncer_ == nullptr)
      return Fail(ErrorCode::kForbidden, "the store is open for reading only");
    RETURN_IF_ERROR(state_.faults.CheckMayWrite());
    rocksdb::WriteBatch* batch = batch_.GetWriteBatch();
    if (batch->Count() > 0) {
      if (db_.stopped()) RETURN_IF_ERROR(db_.Resume());
      rocksdb::WriteOptions options;
      options.sync = false;  // the syncer's part
      options.disableWAL = false;
      options.no_slowdown = true;
      if (touches_rows_) db_.rows().BeginWrite();
      if (touches_sharing_) db_.sharing().BeginWrite();
      const rocksdb::Status status = Write(options, batch);
      const CommitSeq written{db_.db().GetLatestSequenceNumber()};
      if (touches_rows_) db_.rows().EndWrite(written);
      if (touches_sharing_) db_.sharing().EndWrite(written);
      if (!status.ok()) return db_.ToError(status, "commit");
    }
    const CommitSeq seq{db_.db().GetLatestSequenceNumber()};
    if (batch->Count() > 0) state_.tallies.commits.Add();
    if (batch->Count() > 0) syncer_->Want(seq);
    return seq;
  }

 private:
  using Page = std::vector<std::pair<std::string, std::string>>;

  rocksdb::Status Write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch* batch) {
    const IgnoredReads ignored;
    return db_.db().Write(options, batch);
  }

  void Touch(Table table) {
    dirty_ = true;
    touches_rows_ |= RowCache::Keeps(table);
    touches_sharing_ |= DecidesViews(table);
  }
  void Note(const rocksdb::Status& status) {
    if (!status.ok() && failed_.ok()) failed_ = status;
  }

  Result<Page> NextPage(Table table, const std::string& prefix, const std::string& from,
                        bool cache) const {
    const auto end = EndOfPrefix(prefix);
    const rocksdb::Slice bound(*end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    options.fill_cache = cache;
    rocksdb::ColumnFamilyHandle* family = db_.FamilyFor(table);
    const std::unique_ptr<rocksdb::Iterator> it(
        batch_.NewIteratorWithBase(family, db_.db().NewIterator(options, family), &options));
    Page page;
    for (it->Seek(from); it->Valid() && page.size() < kPage; it->Next()) {
      if (!ToView(it->key()).starts_with(prefix)) break;
      page.emplace_back(it->key().ToString(), it->value().ToString());
    }
    if (!it->status().ok()) return db_.ToError(it->status(), "scan");
    return page;
  }

  State& state_;
  RocksDb& db_;
  Syncer* const syncer_;
  // Its reads are logically const, RocksDB does not say so.
  mutable rocksdb::WriteBatchWithIndex batch_;
  TxnLimits limits_;
  rocksdb::Status failed_;
  mutable std::uint64_t gets_ = 0;
  bool dirty_ = false;
  bool touches_rows_ = false;
  bool touches_sharing_ = false;
  bool over_ = false;
};

RocksKv::RocksKv(std::unique_ptr<State> state) : state_(std::move(state)) {
  if (state_->read_only) {
    gate_.Pass(state_->Current()->seq);
  } else {
    syncer_ = std::make_unique<Syncer>(*state_, gate_, writers_);
    writers_.OnIdle([this] {
      if (syncer_ != nullptr) syncer_->Quiet();
    });
  }
}

RocksKv::~RocksKv() {
  syncer_.reset();
  gate_.Close(Fail(ErrorCode::kBusy, "the store is closed"));
}

Result<std::unique_ptr<RocksKv>> RocksKv::Open(const RocksOptions& options, Faults& faults) {
  ASSIGN_OR_RETURN(std::shared_ptr<RocksDb> db, RocksDb::Open(options, faults));
  return std::unique_ptr<RocksKv>(
      new RocksKv(std::make_unique<State>(std::move(db), options, faults)));
}

std::shared_ptr<const KvView> RocksKv::Published() const {
  return std::make_shared<View>(state_->Current(), state_->view_lease, rocksdb::kReadAllTier);
}

std::shared_ptr<const KvView> RocksKv::PublishedInMemory() const {
  return std::make_shared<View>(state_->Current(), state_->view_lease, rocksdb::kBlockCacheTier);
}

std::unique_ptr<KvTxn> RocksKv::Begin(const WriterGuard&) {
  return std::make_unique<Txn>(*state_, syncer_.get());
}

CommitSeq RocksKv::LatestSeq() const {
  return CommitSeq{state_->db->db().GetLatestSequenceNumber()};
}

Result<std::uint64_t> RocksKv::Reclaim(Family family, double dead_share,
                                       std::uint64_t least_bytes) {
  if (state_->read_only) return Fail(ErrorCode::kForbidden, "the store is open for reading only");
  return state_->db->Reclaim(family, dead_share, least_bytes);
}

std::uint64_t RocksKv::syncs() const { return syncer_ == nullptr ? 0 : syncer_->syncs(); }

const StoreTallies& RocksKv::tallies() const { return state_->tallies; }

std::uint64_t RocksKv::Property(std::string_view property) const {
  // Of the whole database: each family would say the same.
  constexpr std::array<std::string_view, 6> kCommon = {
      "rocksdb.block-cache-usage",         "rocksdb.num-running-compactions",
      "rocksdb.num-running-flushes",       "rocksdb.is-write-stopped",
      "rocksdb.actual-delayed-write-rate", "rocksdb.num-snapshots"};
  const bool common = std::find(kCommon.begin(), kCommon.end(), property) != kCommon.end();
  rocksdb::DB& db = state_->db->db();
  std::uint64_t value = 0;
  const bool known = common ? db.GetIntProperty(ToSlice(property), &value)
                            : db.GetAggregatedIntProperty(ToSlice(property), &value);
  return known ? value : 0;
}

}  // namespace cairn::storage
