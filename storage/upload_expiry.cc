// Sessions nobody touched for a day and answers nobody will ask for again.
#include <algorithm>

#include "storage/commit.h"
#include "storage/records.h"
#include "storage/upload_state.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kPerCommit = 100;  // rows, and session keys held at once

struct Due {
  UserId user;
  std::string session;
  std::string key() const { return keys::Upload(user, session); }
};

std::optional<Due> DueFrom(std::string_view key) {
  if (key.size() <= 8) return std::nullopt;
  return Due{UserId{ReadBig64(key)}, std::string(key.substr(8))};
}

// Runs `erase(txn, due)` -> Result<bool> for each in transactions of a bounded size; returns how
// many said true.
template <class Erase>
Result<std::uint64_t> InBatches(KvStore& store, const std::vector<Due>& all, Erase& erase) {
  std::uint64_t gone = 0;
  for (std::size_t first = 0; first < all.size(); first += kPerCommit) {
    const auto batch = std::span(all).subspan(first, std::min(kPerCommit, all.size() - first));
    std::vector<WriterKey> keys;
    for (const Due& due : batch) keys.push_back(SessionKey(due.user, due.session));
    auto body = [&](KvTxn& txn) -> Result<std::uint64_t> {
      std::uint64_t erased = 0;
      for (const Due& due : batch) {
        ASSIGN_OR_RETURN(const bool went, erase(txn, due));
        erased += went ? 1 : 0;
      }
      return erased;
    };
    ASSIGN_OR_RETURN(const std::uint64_t erased, CommitBlocking(store, std::move(keys), body));
    gone += erased;
  }
  return gone;
}

}  // namespace

Result<std::uint64_t> Uploads::ExpireStep(std::size_t limit) {
  const auto view = store_.Published();
  ASSIGN_OR_RETURN(const std::uint64_t sessions, ExpireSessions(*view, limit));
  ASSIGN_OR_RETURN(const std::uint64_t results,
                   ExpireResults(*view, limit - std::min<std::size_t>(limit, sessions)));
  ForgetGone(*store_.Published());
  return sessions + results;
}

Result<std::uint64_t> Uploads::ExpireSessions(const KvView& view, std::size_t limit) {
  const std::int64_t last_alive = tree_.clock().NowSeconds() - kSessionIdleSeconds;
  std::vector<Due> due;
  const auto visit = [&](std::string_view key, std::string_view value) {
    UploadSession record;
    auto session = DueFrom(key);
    if (session && ParseInto(value, record) && record.touched() <= last_alive)
      due.push_back(std::move(*session));
    return due.size() < limit;
  };
  if (limit > 0) RETURN_IF_ERROR(view.Scan(Table::kUploads, {}, {}, visit));
  auto erase = [&](KvTxn& txn, const Due& one) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto session, Find(txn, one.user, one.session));
    if (!session || session->record.touched() > last_alive)
      return false;  // touched or finished meanwhile
    txn.Erase(Table::kUploads, one.key());
    contents_.Abandon(txn, session->content);
    return true;
  };
  return InBatches(store_, due, erase);
}

Result<std::uint64_t> Uploads::ExpireResults(const KvView& view, std::size_t limit) {
  const std::int64_t now = tree_.clock().NowSeconds();
  std::vector<Due> due;
  const auto visit = [&](std::string_view key, std::string_view value) {
    UploadResult record;
    auto session = DueFrom(key);
    if (session && ParseInto(value, record) && record.expires() <= now)
      due.push_back(std::move(*session));
    return due.size() < limit;
  };
  if (limit > 0) RETURN_IF_ERROR(view.Scan(Table::kUploadResults, {}, {}, visit));
  auto erase = [&](KvTxn& txn, const Due& one) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto result,
                     ReadRecord<UploadResult>(txn, Table::kUploadResults, one.key()));
    if (!result || result->expires() > now) return false;
    txn.Erase(Table::kUploadResults, one.key());
    return true;
  };
  return InBatches(store_, due, erase);
}

// Running checksums of sessions that are gone.
void Uploads::ForgetGone(const KvView& view) {
  std::vector<std::pair<ContentId, std::shared_ptr<RunningHash>>> all;
  {
    std::lock_guard lock(mu_);
    all.assign(running_.begin(), running_.end());
  }
  for (const auto& [content, state] : all) {
    const auto session = Find(view, state->user, state->name);
    if (session.has_value() && (!*session || (*session)->content != content)) Forget(content);
  }
}

}  // namespace cairn::storage
