// Login flow v2: a device waits for its app password while somebody grants access in a browser.
//
//   ASSIGN_OR_RETURN(StartedFlow flow, flows.Start("Alice's phone"));
//   ... the device opens a browser at .../login/v2/flow/<flow.login_token> and polls with
//   flow.poll_token; the page calls Find and, at the click, Grant ...
//   ASSIGN_OR_RETURN(auto fetched, flows.Fetch(poll_token));    // once
//
// The two tokens are unrelated: who sees the browser's address cannot poll. The app password is
// made when the device fetches it, so that none lies in wait. A flow lives for kLifetime.
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/secrets.h"
#include "base/clock.h"
#include "storage/records.pb.h"

namespace cairn::auth {

struct StartedFlow {
  std::string poll_token;
  std::string login_token;
};

struct FetchedLogin {
  std::string login_name;  // the canonical user name
  std::string app_password;
  std::string device;
};

class LoginFlows {
 public:
  static constexpr std::int64_t kLifetime = 20 * 60;  // seconds
  static constexpr std::size_t kPollTokenLength = 128;

  LoginFlows(storage::KvStore& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), secrets_(store, random) {}

  // `device`: as it names itself.
  Result<StartedFlow> Start(std::string_view device);
  // A flow that waits for a decision; nullopt: unknown, over, or decided already.
  Result<std::optional<storage::LoginFlow>> Find(const storage::KvView& view,
                                                 std::string_view login_token) const;
  // kNotFound: as Find. kUnauthenticated: the user has changed since `user_version`.
  Result<void> Grant(std::string_view login_token, UserId user, std::uint64_t user_version);
  // What the device may have; nullopt: nothing yet, nothing any more, or the user who granted has
  // changed since.
  Result<std::optional<FetchedLogin>> Fetch(std::string_view poll_token);
  // Whether the poll token belongs to a flow that lives: a poll that is no miss.
  Result<bool> IsKnown(const storage::KvView& view, std::string_view poll_token) const;

  // Background job: erases up to `limit` flows that are over; returns how many.
  Result<std::size_t> ExpireStep(std::size_t limit);

 private:
  struct Place {
    std::string key;  // in Table::kLoginFlows
    storage::LoginFlow flow;
  };
  Result<std::optional<Place>> ByLoginToken(const storage::KvView& view,
                                            std::string_view login_token) const;
  bool IsOver(const storage::LoginFlow& flow) const {
    return flow.created() + kLifetime <= clock_.NowSeconds();
  }

  storage::KvStore& store_;
  const Clock& clock_;
  Secrets secrets_;
};

}  // namespace cairn::auth
