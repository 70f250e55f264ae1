#include "auth/sessions.h"

#include <algorithm>

#include "auth/expire_rows.h"
#include "auth/names.h"
#include "auth/records.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::Session;
using storage::Table;

namespace {

struct SessionRow {
  std::uint64_t id = 0;
  std::string key;  // in Table::kSessions
};

std::string IndexKey(UserId user, std::uint64_t session) {
  return storage::keys::User(user).append(Big64(session));
}

Result<std::vector<SessionRow>> SessionRows(const KvView& view, UserId user) {
  std::vector<SessionRow> rows;
  auto collect = [&](std::string_view rest, std::string_view value) {
    if (rest.size() == 8) rows.push_back({ReadBig64(rest), std::string(value)});
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUserSessions, storage::keys::User(user), {}, collect));
  return rows;
}

Result<std::optional<Session>> LoadSession(const KvView& view, std::string_view key) {
  return storage::ReadRecord<Session>(view, Table::kSessions, key);
}

void EraseSession(KvTxn& txn, UserId user, const SessionRow& row) {
  txn.Erase(Table::kSessions, row.key);
  txn.Erase(Table::kUserSessions, IndexKey(user, row.id));
}

// Makes room for one more: those that were unused for longest go.
Result<void> MakeRoom(KvTxn& txn, UserId user) {
  ASSIGN_OR_RETURN(auto rows, SessionRows(txn, user));
  while (rows.size() >= kMaxSessions) {
    std::size_t oldest = 0;
    std::int64_t oldest_use = INT64_MAX;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ASSIGN_OR_RETURN(const auto session, LoadSession(txn, rows[i].key));
      const std::int64_t used = session ? session->last_used() : 0;
      if (used < oldest_use) {
        oldest = i;
        oldest_use = used;
      }
    }
    EraseSession(txn, user, rows[oldest]);
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(oldest));
  }
  return {};
}

}  // namespace

Result<void> EraseSessions(KvTxn& txn, UserId user) {
  ASSIGN_OR_RETURN(const auto rows, SessionRows(txn, user));
  for (const SessionRow& row : rows) EraseSession(txn, user, row);
  return {};
}

bool Sessions::IsOver(const Session& session) const {
  const std::int64_t now = clock_.NowSeconds();
  if (session.pending()) return session.created() + kPending <= now;
  return session.last_used() + kIdle <= now || session.created() + kLongest <= now;
}

Result<Session> Sessions::Create(KvTxn& txn, UserId user, std::uint64_t user_version,
                                 std::string_view key, std::string_view agent, bool pending) {
  ASSIGN_OR_RETURN(auto owner, LoadUser(txn, user));
  if (!owner || owner->disabled() || owner->version() != user_version)
    return Fail(ErrorCode::kUnauthenticated, "the user has changed");
  RETURN_IF_ERROR(MakeRoom(txn, user));
  const std::int64_t now = clock_.NowSeconds();
  Session session;
  session.set_id(std::max<std::uint64_t>(owner->next_token(), 1));
  owner->set_next_token(session.id() + 1);
  if (!pending) owner->set_last_login(now);
  StoreUser(txn, *owner);
  session.set_user(Raw(user));
  session.set_created(now);
  session.set_last_used(now);
  session.set_confirmed(now);
  session.set_user_version(user_version);
  session.set_agent(DeviceName(agent, kMaxAgent));
  session.set_pending(pending);
  storage::WriteRecord(txn, Table::kSessions, key, session);
  txn.Put(Table::kUserSessions, IndexKey(user, session.id()), key);
  return session;
}

Result<OpenedSession> Sessions::Open(UserId user, std::uint64_t user_version,
                                     std::string_view agent, bool pending) {
  OpenedSession opened;
  opened.cookie = secrets_.Draw();
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(opened.cookie));
  auto body = [&](KvTxn& txn) { return Create(txn, user, user_version, key, agent, pending); };
  ASSIGN_OR_RETURN(opened.record, storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return opened;
}

Result<OpenedSession> Sessions::Complete(const LiveSession& pending) {
  OpenedSession opened;
  opened.cookie = secrets_.Draw();
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(opened.cookie));
  const UserId user{pending.user.id()};
  auto body = [&](KvTxn& txn) -> Result<Session> {
    ASSIGN_OR_RETURN(const auto record, LoadSession(txn, pending.key));
    if (!record || !record->pending() || IsOver(*record))
      return Fail(ErrorCode::kUnauthenticated, "the login is over");
    EraseSession(txn, user, {record->id(), pending.key});
    return Create(txn, user, record->user_version(), key, record->agent(), false);
  };
  ASSIGN_OR_RETURN(opened.record, storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return opened;
}

Result<std::optional<LiveSession>> Sessions::Find(const KvView& view, std::string_view cookie,
                                                  bool pending) const {
  if (cookie.size() != kSecretLength) return std::optional<LiveSession>();
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(cookie));
  if (!key) return std::optional<LiveSession>();
  return Load(view, *key, pending);
}

Result<std::optional<LiveSession>> Sessions::Load(const KvView& view, std::string_view key,
                                                  bool pending) const {
  std::optional<LiveSession> live;
  ASSIGN_OR_RETURN(auto session, LoadSession(view, key));
  if (!session || session->pending() != pending || IsOver(*session)) return live;
  ASSIGN_OR_RETURN(auto user, LoadUser(view, UserId{session->user()}));
  if (!user || user->disabled() || user->version() != session->user_version()) return live;
  live.emplace(LiveSession{std::string(key), std::move(*session), std::move(*user)});
  return live;
}

Precondition Sessions::StillOpen(const LiveSession& session) const {
  return [this, &session](const KvView& view) -> Result<void> {
    ASSIGN_OR_RETURN(const auto live, Load(view, session.key, false));
    if (!live) return Fail(ErrorCode::kUnauthenticated, "the session is over");
    return {};
  };
}

Result<void> Sessions::Touch(const LiveSession& session) {
  const std::int64_t now = clock_.NowSeconds();
  if (now - session.record.last_used() < kTouchStep) return {};
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(auto record, LoadSession(txn, session.key));
    if (!record || record->last_used() >= now) return {};
    record->set_last_used(now);
    storage::WriteRecord(txn, Table::kSessions, session.key, *record);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::vector<Session>> Sessions::List(const KvView& view, UserId user) const {
  ASSIGN_OR_RETURN(const auto owner, LoadUser(view, user));
  ASSIGN_OR_RETURN(const auto rows, SessionRows(view, user));
  std::vector<Session> sessions;
  for (const SessionRow& row : rows) {
    ASSIGN_OR_RETURN(auto session, LoadSession(view, row.key));
    const bool live = session && owner && !session->pending() && !IsOver(*session) &&
                      session->user_version() == owner->version();
    if (live) sessions.push_back(std::move(*session));
  }
  return sessions;
}

Result<void> Sessions::End(UserId user, std::uint64_t session) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto key, txn.Get(Table::kUserSessions, IndexKey(user, session)));
    if (!key) return Fail(ErrorCode::kNotFound, "no such session");
    EraseSession(txn, user, {session, *key});
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::size_t> Sessions::ExpireStep(std::size_t limit) {
  const auto is_over = [&](const Session& session) { return IsOver(session); };
  const auto erase = [](KvTxn& txn, const std::string& key, const Session& session) {
    EraseSession(txn, UserId{session.user()}, {session.id(), key});
  };
  return ExpireRows<Session>(store_, Table::kSessions, limit, is_over, erase);
}

}  // namespace cairn::auth
