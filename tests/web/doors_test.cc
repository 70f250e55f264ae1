// The doors table: every way to show who one is, against everything that may be wrong with it. A
// door that is added gets a row here.
#include <array>

#include "dav/dispatcher.h"
#include "ocs/endpoint.h"
#include "shares/shares.h"
#include "tests/support/totp.h"
#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using namespace std::chrono_literals;

enum class Seen { kOpen, kRefused, kThrottled, kSecondStep };

constexpr std::string_view TextOf(Seen seen) {
  switch (seen) {
    case Seen::kOpen:
      return "open";
    case Seen::kRefused:
      return "refused";
    case Seen::kThrottled:
      return "throttled";
    case Seen::kSecondStep:
      return "second step";
  }
  return "?";
}

// What is wrong.
enum class Wrong {
  kNothing,
  kSecret,        // another one of the right form
  kGuesses,       // a hundred wrong ones from the same address came before
  kDisabled,      // the user
  kDeleted,       // the user
  kSecondFactor,  // is on, and was not given
  kRevoked,       // the secret: deleted, logged out, changed
  kExpired,       // its time is over
};
constexpr std::array kAllWrong = {Wrong::kNothing,  Wrong::kSecret,  Wrong::kGuesses,
                                  Wrong::kDisabled, Wrong::kDeleted, Wrong::kSecondFactor,
                                  Wrong::kRevoked,  Wrong::kExpired};
constexpr std::array<std::string_view, 8> kWrongNames = {
    "nothing", "secret", "guesses", "disabled", "deleted", "second factor", "revoked", "expired"};

constexpr auto kO = Seen::kOpen;
constexpr auto kR = Seen::kRefused;
constexpr auto kT = Seen::kThrottled;
constexpr auto k2 = Seen::kSecondStep;

enum class Kind { kPassword, kAppPassword, kOneTime, kCookie, kPendingCookie, kPollToken, kWipe };

struct Door {
  std::string_view name;
  Kind kind;
  std::array<Seen, 8> expected;  // in the order of kAllWrong
};

// kExpired: an app password with a date, a session of 14 days, a flow of 20 minutes; a login
// password does not expire.
constexpr std::array kDoors = {
    //                                         none secr gues disa dele  2nd revo expi
    Door{"dav basic password", Kind::kPassword, {kO, kR, kT, kR, kR, kR, kR, kO}},
    Door{"dav basic app password", Kind::kAppPassword, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"dav bearer", Kind::kAppPassword, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"ocs basic password", Kind::kPassword, {kO, kR, kT, kR, kR, kR, kR, kO}},
    Door{"ocs basic app password", Kind::kAppPassword, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"ocs bearer", Kind::kAppPassword, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"ocs one-time exchange", Kind::kOneTime, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"ocs confirm", Kind::kPassword, {kO, kR, kT, kR, kR, kO, kR, kO}},
    Door{"login form", Kind::kPassword, {kO, kR, kT, kR, kR, k2, kR, kO}},
    Door{"session cookie", Kind::kCookie, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"pending cookie", Kind::kPendingCookie, {kR, kR, kR, kR, kR, kR, kR, kR}},
    Door{"pending cookie as basic", Kind::kPendingCookie, {kR, kR, kR, kR, kR, kR, kR, kR}},
    Door{"pending cookie as bearer", Kind::kPendingCookie, {kR, kR, kR, kR, kR, kR, kR, kR}},
    Door{"picture basic password", Kind::kPassword, {kO, kR, kT, kR, kR, kR, kR, kO}},
    Door{"picture basic app password", Kind::kAppPassword, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"picture bearer", Kind::kAppPassword, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"picture session cookie", Kind::kCookie, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"picture pending cookie", Kind::kPendingCookie, {kR, kR, kR, kR, kR, kR, kR, kR}},
    Door{"flow poll", Kind::kPollToken, {kO, kR, kO, kR, kR, kO, kR, kR}},
    Door{"wipe check", Kind::kWipe, {kO, kR, kO, kO, kR, kO, kR, kO}},
};

class DoorsTest : public WebCase, public testing::WithParamInterface<int> {
 protected:
  static constexpr std::string_view kRemote = "192.0.2.77";

  const Door& door() const { return kDoors[static_cast<std::size_t>(GetParam()) / 8]; }
  std::size_t wrong_index() const { return static_cast<std::size_t>(GetParam()) % 8; }
  Wrong wrong() const { return kAllWrong[wrong_index()]; }

  WholeAnswer Knock(http::Handler& handler, std::string_view method, std::string_view target,
                    const support::HeaderList& headers, std::string body = {}) {
    http::Request request = support::MakeRequest(method, target, headers);
    request.remote = kRemote;
    return support::Ask(contexts_.emplace_back(), handler, std::move(request), std::move(body));
  }
  static support::HeaderList Authorization(std::string value) {
    return {{"Authorization", std::move(value)}};
  }
  static std::string Basic(std::string_view secret) {
    return "Basic " + ToBase64("alice:" + std::string(secret));
  }

  // The secret that opens the door, made now.
  void Make() {
    const auto user = **users_.FindByName(*engine_.kv().Published(), "alice");
    const UserId id{user.id()};
    const std::int64_t soon = clock_.NowSeconds() + 3600;
    switch (door().kind) {
      case Kind::kPassword:
        secret_ = "alice-password";
        helper_ = app_passwords_.Create(id, "helper", {})->secret;
        break;
      case Kind::kAppPassword:
      case Kind::kOneTime:
      case Kind::kWipe: {
        const auto made = app_passwords_.Create(
            id, "phone", {.expires = soon, .one_time = door().kind == Kind::kOneTime});
        secret_ = made->secret;
        token_ = TokenId{made->token.id()};
        if (door().kind == Kind::kWipe) {
          ASSERT_TRUE(app_passwords_.OrderWipe(id, token_).has_value());
        }
        break;
      }
      case Kind::kCookie:
        secret_ = sessions_.Open(id, user.version(), "")->cookie;
        break;
      case Kind::kPendingCookie:
        secret_ = sessions_.OpenPending(id, user.version(), "")->cookie;
        break;
      case Kind::kPollToken: {
        const auto flow = login_flows_.Start("phone");
        ASSERT_TRUE(login_flows_.Grant(flow->login_token, id, user.version()).has_value());
        secret_ = flow->poll_token;
        break;
      }
    }
  }

  void TurnOnSecondFactor(UserId id) {
    const auto secret = second_factors_.BeginTotp(id);
    ASSERT_TRUE(second_factors_.ConfirmTotp(id, support::TotpCode(*secret, clock_.NowSeconds()))
                    .has_value());
  }

  void Revoke(UserId id) {
    switch (door().kind) {
      case Kind::kPassword:
      case Kind::kPendingCookie:
      case Kind::kPollToken:  // what was granted under the old password
        ASSERT_TRUE(users_.SetPassword(id, "quite another one").has_value());
        break;
      case Kind::kAppPassword:
      case Kind::kOneTime:
      case Kind::kWipe:
        ASSERT_TRUE(app_passwords_.Delete(id, token_).has_value());
        break;
      case Kind::kCookie:
        for (const auto& session : *sessions_.List(*engine_.kv().Published(), id))
          ASSERT_TRUE(sessions_.End(id, session.id()).has_value());
        break;
    }
  }

  // A hundred guesses by the same way and from the same place; each is refused, one way or the
  // other.
  void Guess() {
    const std::string right = std::exchange(secret_, {});
    for (int i = 0; i < 100; ++i) {
      secret_ = right;
      const std::string number = std::to_string(1000 + i);
      secret_.replace(secret_.size() - number.size(), number.size(), number);
      if (secret_ == right) continue;
      EXPECT_NE(Try(), Seen::kOpen);
    }
    secret_ = right;
  }

  void Break() {
    const UserId id = IdOf("alice");
    switch (wrong()) {
      case Wrong::kNothing:
        break;
      case Wrong::kSecret:
        secret_.back() = secret_.back() == 'x' ? 'y' : 'x';
        break;
      case Wrong::kGuesses:
        Guess();
        break;
      case Wrong::kDisabled:
        ASSERT_TRUE(users_.SetDisabled(id, true).has_value());
        break;
      case Wrong::kDeleted:
        ASSERT_TRUE(users_.Delete(id).has_value());
        break;
      case Wrong::kSecondFactor:
        TurnOnSecondFactor(id);
        break;
      case Wrong::kRevoked:
        Revoke(id);
        break;
      case Wrong::kExpired:
        clock_.Advance(std::chrono::hours(15 * 24));
        break;
    }
  }

  static Seen Of(const WholeAnswer& answer, int open) {
    if (answer.status == 429) {
      EXPECT_TRUE(answer.headers.Has("Retry-After"));
      return Seen::kThrottled;
    }
    return answer.status == open ? Seen::kOpen : Seen::kRefused;
  }

  Seen TryForm() {
    const WholeAnswer page = Knock(dispatcher_, "GET", "/login", {});
    const std::string set = page.Header("Set-Cookie");
    const std::string cookie = set.substr(0, set.find(';'));
    const std::size_t at = page.body.find("name=\"requesttoken\" value=\"") + 27;
    const WholeAnswer answer = Knock(dispatcher_, "POST", "/login", {{"Cookie", cookie}},
                                     Encode({{"user", "alice"},
                                             {"password", secret_},
                                             {"requesttoken", page.body.substr(at, 64)}}));
    if (answer.Header("Location").find("/login/challenge") != std::string::npos)
      return Seen::kSecondStep;
    return Of(answer, 303);
  }

  // Knocks at the door with the secret.
  Seen Try() {
    const std::string_view name = door().name;
    constexpr std::string_view kFiles = "/remote.php/dav/files/alice/";
    constexpr std::string_view kSelf = "/ocs/v2.php/cloud/user";
    const auto dav = [&](std::string header) {
      support::HeaderList headers = Authorization(std::move(header));
      headers.emplace_back("Depth", "0");
      return Of(Knock(dav_, "PROPFIND", kFiles, headers), 207);
    };
    const auto ocs = [&](std::string header) {
      return Of(Knock(ocs_, "GET", kSelf, Authorization(std::move(header))), 200);
    };
    if (name == "dav basic password" || name == "dav basic app password")
      return dav(Basic(secret_));
    if (name == "dav bearer") return dav("Bearer " + secret_);
    if (name == "ocs basic password" || name == "ocs basic app password")
      return ocs(Basic(secret_));
    if (name == "ocs bearer") return ocs("Bearer " + secret_);
    if (name == "ocs one-time exchange")
      return Of(Knock(ocs_, "GET", "/ocs/v2.php/core/getapppassword-onetime",
                      Authorization(Basic(secret_))),
                200);
    if (name == "ocs confirm")
      return Of(Knock(ocs_, "PUT", "/ocs/v2.php/core/apppassword/confirm",
                      Authorization(Basic(helper_)), Encode({{"password", secret_}})),
                200);
    if (name == "login form") return TryForm();
    if (name == "session cookie" || name == "pending cookie")
      return Of(
          Knock(dispatcher_, "GET", "/settings/user", {{"Cookie", "cairn_session=" + secret_}}),
          200);
    if (name == "pending cookie as basic")
      return std::max(dav(Basic(secret_)), ocs(Basic(secret_)));
    if (name == "pending cookie as bearer")
      return std::max(dav("Bearer " + secret_), ocs("Bearer " + secret_));
    const auto picture = [&](const support::HeaderList& headers) {
      return Of(Knock(dispatcher_, "GET", "/avatar/bob/64", headers), 200);
    };
    if (name == "picture basic password" || name == "picture basic app password")
      return picture(Authorization(Basic(secret_)));
    if (name == "picture bearer") return picture(Authorization("Bearer " + secret_));
    if (name == "picture session cookie" || name == "picture pending cookie")
      return picture({{"Cookie", "cairn_session=" + secret_}});
    if (name == "flow poll")
      return Of(Knock(dispatcher_, "POST", "/login/v2/poll", {}, Encode({{"token", secret_}})),
                200);
    if (name == "wipe check")
      return Of(Knock(dispatcher_, "POST", "/core/wipe/check", {}, Encode({{"token", secret_}})),
                200);
    ADD_FAILURE() << "no way to knock at " << name;
    return Seen::kRefused;
  }

  std::string secret_;
  std::string helper_;  // an app password where the door needs one besides
  TokenId token_{};
  shares::MountTable mounts_{clock_};
  shares::Shares shares_{engine_.kv(), engine_.tree(), mounts_, clock_, random_};
  shares::Transfers transfers_{engine_.kv(), engine_.tree(), mounts_};
  shares::LinkDoor links_{engine_.kv(), throttle_, clock_, random_};
  dav::Services dav_services_{engine_, pools_,  users_, authenticator_,
                              quota_,  shares_, links_, "https://cloud.example"};
  dav::Dispatcher dav_{dav_services_};
  auth::PeopleSearch people_{engine_.kv(), users_, throttle_};
  ocs::Services ocs_services_{engine_,
                              pools_,
                              users_,
                              app_passwords_,
                              authenticator_,
                              quota_,
                              shares_,
                              transfers_,
                              people_,
                              ocs::ServerVersion("32.0.6.1"),
                              "https://cloud.example"};
  ocs::Dispatcher ocs_{ocs_services_};
};

TEST_P(DoorsTest, IsAsTheTableSays) {
  Make();
  Break();
  Seen expected = door().expected[wrong_index()];
  const Seen seen = Try();
  // Past a hundred guesses the secret that a pending login holds is one more wrong one.
  const bool refused_anyway = wrong() == Wrong::kGuesses && expected == kR && seen == kT;
  EXPECT_TRUE(seen == expected || refused_anyway)
      << door().name << ", wrong: " << kWrongNames[wrong_index()] << ": " << TextOf(seen)
      << ", not " << TextOf(expected);
}

INSTANTIATE_TEST_SUITE_P(All, DoorsTest,
                         testing::Range(0, static_cast<int>(kDoors.size() * kAllWrong.size())),
                         [](const testing::TestParamInfo<int>& which) {
                           const auto index = static_cast<std::size_t>(which.param);
                           std::string name = std::string(kDoors[index / 8].name) + " " +
                                              std::string(kWrongNames[index % 8]);
                           for (char& c : name) c = IsAlphaNumeric(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace cairn::web
