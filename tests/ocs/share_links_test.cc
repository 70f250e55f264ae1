// Public links over OCS: made, told, changed, ended, and what the administrator does not let.
#include <regex>

#include "tests/ocs/share_api_case.h"

namespace cairn::ocs {
namespace {

using testing::MatchesRegex;

class ShareLinksTest : public ShareApiCase {
 protected:
  // The new link's data; the answer where it is refused.
  std::string Link(const std::string& path, const std::string& more = {},
                   std::string_view user = "alice") {
    return DataOf(Call("POST", "/shares", user, "shareType=3&path=" + path + more));
  }
  // One field of a new link.
  std::string Of(const std::string& path, const std::string& more, std::string_view field) {
    const Answer answer = Call("POST", "/shares", "alice", "shareType=3&path=" + path + more);
    return answer.status == 200 ? ToJson(answer.Data().at(field)) : answer.body;
  }
  std::string Put(const std::string& id, const std::string& body, std::string_view user = "alice") {
    return DataOf(Call("PUT", "/shares/" + id, user, body));
  }
  std::string Changed(const std::string& id, const std::string& body, std::string_view field) {
    const Answer answer = Call("PUT", "/shares/" + id, "alice", body);
    return answer.status == 200 ? ToJson(answer.Data().at(field)) : answer.body;
  }
  std::string TokenOf(const std::string& id) {
    const std::string quoted = Field(id, "token", "alice");
    return quoted.size() > 2 ? quoted.substr(1, quoted.size() - 2) : quoted;
  }
  void Rules(const std::function<void(conf::Sharing&)>& change) {
    conf::Sharing rules = shares_.rules();
    change(rules);
    shares_.SetRules(rules);
  }
};

TEST_F(ShareLinksTest, ALinkAsRecorded) {
  const std::string made = Link("/shr");
  const std::string token = TokenOf("1");
  EXPECT_THAT(token, MatchesRegex("[A-Za-z0-9]+"));
  EXPECT_EQ(token.size(), 15u);
  const Fields link = With(Recorded(), {{"share_type", "3"},
                                        {"permissions", "17"},
                                        {"token", "\"" + token + "\""},
                                        {"share_with", "null"},
                                        {"share_with_displayname", R"x("(Shared link)")x"},
                                        {"share_with_displayname_unique", ""},
                                        {"mail_send", ""},
                                        {"hide_download", ""},
                                        {"attributes", ""},
                                        {"password", "null"},
                                        {"send_password_by_talk", "false"},
                                        {"url", "\"https://cloud.example/s/" + token + "\""},
                                        {"mail_send", "1"},
                                        {"hide_download", "0"},
                                        {"attributes", "null"}});
  EXPECT_EQ(made, Json(link));
  EXPECT_EQ(List("/shares/1"), "[" + Json(With(link, {{"mail_send", "0"}})) + "]");
  EXPECT_EQ(List("/shares?path=/shr"), "[" + Json(With(link, {{"mail_send", "0"}})) + "]");

  // Nobody else has to do with it, and whoever tries cannot tell it from none.
  EXPECT_EQ(List("/shares/1", "bob"), NoShare());
  EXPECT_EQ(Put("1", "permissions=31", "bob"), NoShare());
  EXPECT_EQ(Call("DELETE", "/shares/1", "bob").body, NoShare());
  EXPECT_EQ(List("/shares?shared_with_me=true", "bob"), "[]");

  EXPECT_EQ(Call("DELETE", "/shares/1").body, Success());
  EXPECT_EQ(List("/shares/1"), NoShare());
}

TEST_F(ShareLinksTest, EveryOneIsAnother) {
  EXPECT_EQ(Of("/shr", "", "id"), R"("1")");
  EXPECT_EQ(Of("/shr", "", "id"), R"("2")");
  EXPECT_NE(TokenOf("1"), TokenOf("2"));
  EXPECT_EQ(Ids("/shares?path=/shr"), "1 2");
}

TEST_F(ShareLinksTest, Permissions) {
  for (const auto& [more, permissions] : std::vector<std::pair<std::string, std::string>>{
           {"", "17"},
           {"&permissions=1", "17"},
           {"&permissions=15", "31"},
           {"&permissions=3", "19"},
           {"&permissions=4", "4"},
           {"&permissions=6", "4"},
           {"&permissions=31", "31"},
           {"&publicUpload=true", "31"},
           {"&publicUpload=false", "17"},
           {"&publicUpload=true&permissions=31", "31"}})
    EXPECT_EQ(Of("/shr", more, "permissions"), permissions) << more;
  EXPECT_EQ(Of("/single.txt", "&permissions=31", "permissions"), "19");
  EXPECT_EQ(Of("/single.txt", "", "permissions"), "17");

  const std::string neither = "Share must at least have READ or CREATE permissions";
  EXPECT_EQ(Link("/shr", "&permissions=2"), Refusal(400, neither));
  EXPECT_EQ(Link("/single.txt", "&permissions=4"), Refusal(400, neither));
  EXPECT_EQ(Link("/shr", "&permissions=32"),
            Refusal(403, "Valid permissions are required for sharing"));
  EXPECT_EQ(Link("/single.txt", "&publicUpload=true"),
            Refusal(400, "Public upload is only possible for publicly shared folders"));

  EXPECT_EQ(Changed("1", "permissions=15", "permissions"), "31");
  EXPECT_EQ(Changed("1", "permissions=4", "permissions"), "4");
  EXPECT_EQ(Changed("1", "permissions=3", "permissions"), "19");
  EXPECT_EQ(Put("1", "permissions=2"), Refusal(400, neither));
  EXPECT_EQ(Changed("1", "publicUpload=true", "permissions"), "31");
  EXPECT_EQ(Changed("1", "publicUpload=false", "permissions"), "17");
}

TEST_F(ShareLinksTest, ThePasswordIsNeverTold) {
  EXPECT_EQ(Of("/shr", "&password=a+long+passphrase", "share_with"), R"("redacted")");
  EXPECT_EQ(Field("1", "password", "alice"), R"("redacted")");
  const auto stored = [&] {
    return shares::FindShare(*engine_.kv().Published(), ShareId{1}).value().value();
  };
  EXPECT_TRUE(auth::VerifyPassword(stored().password_hash(), "a long passphrase"));
  const std::uint64_t version = stored().version();
  EXPECT_EQ(Changed("1", "label=x", "label"), R"("x")");
  EXPECT_EQ(stored().version(), version);
  EXPECT_EQ(Changed("1", "password=another+passphrase", "password"), R"("redacted")");
  EXPECT_GT(stored().version(), version);
  EXPECT_TRUE(auth::VerifyPassword(stored().password_hash(), "another passphrase"));
  EXPECT_EQ(Changed("1", "password=", "password"), "null");
  EXPECT_EQ(stored().password_hash(), "");

  EXPECT_EQ(Link("/shr", "&password=x"),
            Refusal(400, "Password needs to be at least 10 characters long."));
  EXPECT_EQ(Put("1", "password=x"),
            Refusal(400, "Password needs to be at least 10 characters long."));
  EXPECT_EQ(Ids("/shares"), "1");
}

TEST_F(ShareLinksTest, WhatElseItSays) {
  EXPECT_EQ(
      Of("/shr", "&label=Label+A&hideDownload=true&note=please&expireDate=2027-01-15", "label"),
      R"("Label A")");
  EXPECT_EQ(Field("1", "hide_download", "alice"), "1");
  EXPECT_EQ(Field("1", "note", "alice"), R"("please")");
  EXPECT_EQ(Field("1", "expiration", "alice"), R"("2027-01-15 23:59:59")");
  EXPECT_EQ(Changed("1", "hideDownload=false", "hide_download"), "0");
  EXPECT_EQ(Changed("1", "expireDate=", "expiration"), "null");
  EXPECT_EQ(Put("1", "expireDate=2020-01-01"), Refusal(404, "Expiration date is in the past"));
  EXPECT_EQ(Put("1", "token=custom"),
            Refusal(403, "Custom share link tokens have been disabled by the administrator"));
  EXPECT_EQ(Put("1", "label=" + std::string(256, 'x')),
            Refusal(400, "The label is too long or is no text"));
  EXPECT_EQ(Put("1", "label=%ff"), Refusal(400, "The label is too long or is no text"));
  EXPECT_EQ(Link("/shr", "&sendPasswordByTalk=true"),
            Refusal(403,
                    "Sharing /alice/files/shr sending the password by Nextcloud Talk failed "
                    "because Nextcloud Talk is not enabled"));
  EXPECT_EQ(Link("/nope"), Refusal(404, "Wrong path, file/folder does not exist"));
  EXPECT_EQ(Link("/"), Refusal(403, "You cannot share your root folder"));

  EXPECT_EQ(Of("/shr",
               "&attributes=%5B%7B%22scope%22%3A%22fileRequest%22%2C%22key%22%3A%22enabled%22%2C"
               "%22value%22%3Atrue%7D%5D",
               "id"),
            R"("2")");
  EXPECT_TRUE(shares::FindShare(*engine_.kv().Published(), ShareId{2}).value().value().asks_name());
}

TEST_F(ShareLinksTest, NobodyHandsOnMoreThanHeHas) {
  Share("alice", "/shr", "bob", "&permissions=17");
  EXPECT_EQ(Of("/shr", "", "permissions"), "17");
  const Answer by_bob = Call("POST", "/shares", "bob", "shareType=3&path=/shr");
  EXPECT_EQ(ToJson(by_bob.Data().at("permissions")), "17");
  EXPECT_EQ(Link("/shr", "&permissions=31", "bob"),
            Refusal(404, "Cannot increase permissions of /shr"));
  // The owner sees it and may end it (T-32).
  EXPECT_EQ(Ids("/shares?path=/shr&reshares=true"), "1 2 3");
  EXPECT_EQ(Call("PUT", "/shares/1", "alice", "permissions=1").status, 200);
  EXPECT_EQ(Link("/shr", "", "bob"), Refusal(404, "You are not allowed to share shr"));
}

TEST_F(ShareLinksTest, TheAdministratorMayForbidThem) {
  EXPECT_EQ(Of("/shr", "", "id"), R"("1")");
  Rules([](conf::Sharing& rules) { rules.links = false; });
  EXPECT_EQ(Link("/shr"), Refusal(404, "Public link sharing is disabled by the administrator"));
  Rules([](conf::Sharing& rules) { rules.links = true, rules.link_uploads = false; });
  EXPECT_EQ(Of("/shr", "", "permissions"), "17");
  for (const std::string more : {"&permissions=31", "&permissions=4", "&publicUpload=true"})
    EXPECT_EQ(Link("/shr", more), Refusal(403, "Public upload disabled by the administrator"));
  EXPECT_EQ(Put("1", "permissions=31"),
            Refusal(403, "Public upload disabled by the administrator"));
  EXPECT_EQ(Changed("1", "permissions=17", "permissions"), "17");
}

TEST_F(ShareLinksTest, TheAdministratorMayAskForPasswords) {
  EXPECT_EQ(Of("/shr", "", "id"), R"("1")");
  Rules([](conf::Sharing& rules) { rules.link_passwords_enforced = true; });
  const std::string enforced = "Passwords are enforced for link and mail shares";
  EXPECT_EQ(Link("/shr"), Refusal(403, enforced));
  EXPECT_EQ(Link("/shr", "&password="), Refusal(403, enforced));
  EXPECT_EQ(Of("/shr", "&password=a+long+passphrase", "id"), R"("2")");
  EXPECT_EQ(Put("2", "password="), Refusal(400, enforced));
  EXPECT_EQ(Changed("1", "label=x", "label"), R"("x")") << "a link of before is as it was";
}

TEST_F(ShareLinksTest, TheAdministratorMayLimitTheirTime) {
  Rules([](conf::Sharing& rules) { rules.link_expiry = {7, false}; });
  // It is 14 November.
  EXPECT_EQ(Of("/shr", "", "expiration"), R"("2023-11-21 23:59:59")");
  EXPECT_EQ(Of("/shr", "&expireDate=2027-01-15", "expiration"), R"("2027-01-15 23:59:59")");
  EXPECT_EQ(Of("/shr", "&expireDate=", "expiration"), "null");
  Rules([](conf::Sharing& rules) { rules.link_expiry.enforced = true; });
  EXPECT_EQ(Of("/shr", "", "expiration"), R"("2023-11-21 23:59:59")");
  EXPECT_EQ(Of("/shr", "&expireDate=2023-11-21", "expiration"), R"("2023-11-21 23:59:59")");
  const std::string late = "Cannot set expiration date more than 7 days in the future";
  EXPECT_EQ(Link("/shr", "&expireDate=2023-11-22"), Refusal(404, late));
  EXPECT_EQ(Link("/shr", "&expireDate="), Refusal(404, "Expiration date is enforced"));
  EXPECT_EQ(Put("1", "expireDate=2023-11-22"), Refusal(404, late));
  EXPECT_EQ(Put("1", "expireDate="), Refusal(400, "Expiration date is enforced"));
  EXPECT_EQ(Changed("1", "expireDate=2023-11-15", "expiration"), R"("2023-11-15 23:59:59")");

  // Shares with users have days of their own.
  EXPECT_EQ(Share("alice", "/shr", "bob"), "6");
  EXPECT_EQ(Field("6", "expiration", "alice"), "null");
  Rules([](conf::Sharing& rules) { rules.expiry = {3, true}; });
  EXPECT_EQ(Share("alice", "/shr", "staff"), "7");
  EXPECT_EQ(Field("7", "expiration", "alice"), R"("2023-11-17 23:59:59")");
  EXPECT_EQ(Put("7", "expireDate=2023-11-18"),
            Refusal(404, "Cannot set expiration date more than 3 days in the future"));
}

}  // namespace
}  // namespace cairn::ocs
