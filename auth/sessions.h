// Browser sessions. The cookie is a secret of 64 characters; the server keeps its keyed hash and
// what it opens. A session ends at once when it is revoked, when the user is disabled, deleted or
// has a new password, after kIdle without a request and after kLongest whatever happens.
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/precondition.h"
#include "auth/secrets.h"
#include "base/clock.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxSessions = 100;  // per user; the one unused for longest gives way
inline constexpr std::size_t kMaxAgent = 200;     // bytes that are kept of a browser's name

// A session that opens doors, with the user it is for.
struct LiveSession {
  std::string key;  // of its row
  storage::Session record;
  storage::User user;
};

struct OpenedSession {
  std::string cookie;
  storage::Session record;
};

class Sessions {
 public:
  static constexpr std::int64_t kIdle = 24 * 3600;          // seconds
  static constexpr std::int64_t kLongest = 14 * 24 * 3600;  // seconds
  static constexpr std::int64_t kPending = 10 * 60;         // seconds for the second factor
  static constexpr std::int64_t kTouchStep = 300;           // seconds: last_used is that coarse

  Sessions(storage::KvStore& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), secrets_(store, random) {}

  // After a password was found right against the record of `user_version`. kUnauthenticated: the
  // user has changed since.
  Result<OpenedSession> Open(UserId user, std::uint64_t user_version, std::string_view agent) {
    return Open(user, user_version, agent, false);
  }
  // The password was right and the second factor is still to come: Find does not find it (T-01).
  Result<OpenedSession> OpenPending(UserId user, std::uint64_t user_version,
                                    std::string_view agent) {
    return Open(user, user_version, agent, true);
  }
  // After the second factor: the pending session is over, a new one with another cookie opens
  // doors. kUnauthenticated: it is gone, or the user has changed since.
  Result<OpenedSession> Complete(const LiveSession& pending);

  // nullopt: the cookie opens nothing.
  Result<std::optional<LiveSession>> Find(const storage::KvView& view,
                                          std::string_view cookie) const {
    return Find(view, cookie, false);
  }
  // Only those that wait for the second factor.
  Result<std::optional<LiveSession>> FindPending(const storage::KvView& view,
                                                 std::string_view cookie) const {
    return Find(view, cookie, true);
  }
  // For transactions that act for the session: it is not over, and the user is as it knows him.
  Precondition StillOpen(const LiveSession& session) const;
  // Notes the use of a live session; writes at most once per kTouchStep.
  Result<void> Touch(const LiveSession& session);

  // In the order they were opened; only live ones.
  Result<std::vector<storage::Session>> List(const storage::KvView& view, UserId user) const;
  // kNotFound: the user has no such session.
  Result<void> End(UserId user, std::uint64_t session);

  // Background job: erases up to `limit` sessions that are over; returns how many.
  Result<std::size_t> ExpireStep(std::size_t limit);

 private:
  Result<OpenedSession> Open(UserId user, std::uint64_t user_version, std::string_view agent,
                             bool pending);
  Result<storage::Session> Create(storage::KvTxn& txn, UserId user, std::uint64_t user_version,
                                  std::string_view key, std::string_view agent, bool pending);
  Result<std::optional<LiveSession>> Find(const storage::KvView& view, std::string_view cookie,
                                          bool pending) const;
  Result<std::optional<LiveSession>> Load(const storage::KvView& view, std::string_view key,
                                          bool pending) const;
  bool IsOver(const storage::Session& session) const;

  storage::KvStore& store_;
  const Clock& clock_;
  Secrets secrets_;
};

// Erases all sessions of a user (needs the directory key).
Result<void> EraseSessions(storage::KvTxn& txn, UserId user);

}  // namespace cairn::auth
