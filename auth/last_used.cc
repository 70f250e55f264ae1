#include "auth/last_used.h"

#include "auth/records.h"
#include "storage/commit.h"

namespace cairn::auth {

namespace {

// Moves up to `limit` entries from `from` to `to`.
template <class Map>
void MoveSome(Map& from, Map& to, std::size_t limit) {
  for (std::size_t i = 0; i < limit && !from.empty(); ++i) to.insert(from.extract(from.begin()));
}

}  // namespace

void LastUsed::Note(UserId user, std::int64_t user_before, std::string_view token_key,
                    std::int64_t token_before, std::int64_t now_seconds) {
  const bool user_due = now_seconds - user_before >= kStep;
  const bool token_due = !token_key.empty() && now_seconds - token_before >= kStep;
  if (!user_due && !token_due) return;
  const std::lock_guard lock(mu_);
  if (notes_.users.size() + notes_.tokens.size() >= kMaxPending) return;
  if (user_due) notes_.users[user] = now_seconds;
  if (token_due) notes_.tokens[std::string(token_key)] = now_seconds;
}

std::optional<std::int64_t> LastUsed::Of(UserId user) const {
  const std::lock_guard lock(mu_);
  const auto found = notes_.users.find(user);
  return found == notes_.users.end() ? std::nullopt : std::optional(found->second);
}

LastUsed::Notes LastUsed::Take(std::size_t limit) {
  Notes taken;
  const std::lock_guard lock(mu_);
  MoveSome(notes_.users, taken.users, limit);
  MoveSome(notes_.tokens, taken.tokens, limit - taken.users.size());
  return taken;
}

Result<std::size_t> LastUsed::Flush(std::size_t limit) {
  const Notes notes = Take(limit);
  const std::size_t count = notes.users.size() + notes.tokens.size();
  if (count == 0) return count;
  auto body = [&](storage::KvTxn& txn) -> Result<void> {
    for (const auto& [id, at] : notes.users) {
      ASSIGN_OR_RETURN(auto user, LoadUser(txn, id));
      if (!user || user->last_login() >= at) continue;
      user->set_last_login(at);
      StoreUser(txn, *user);
    }
    for (const auto& [key, at] : notes.tokens) {
      ASSIGN_OR_RETURN(auto token, LoadToken(txn, key));
      if (!token || token->last_used() >= at) continue;
      token->set_last_used(at);
      storage::WriteRecord(txn, storage::Table::kTokens, key, *token);
    }
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return count;
}

}  // namespace cairn::auth
