// PUT /cloud/users/{id}: every field, and who may change it.
#include "ocs/profile_rules.h"
#include "tests/ocs/provisioning_case.h"

namespace cairn::ocs {
namespace {

using UserEditCase = ProvisioningCase;

TEST_F(UserEditCase, WhatIsSetIsShown) {
  const std::tuple<std::string_view, std::string_view, std::string_view, std::string_view> rows[] =
      {
          {"displayname", "Alice One", "displayname", R"("Alice One")"},
          {"display", "Alice Two", "display-name", R"("Alice Two")"},
          {"email", "ALICE@example.net", "email", R"("alice@example.net")"},
          {"language", "de_DE", "language", R"("de_DE")"},
          {"locale", "de_DE", "locale", R"("de_DE")"},
          {"timezone", "Europe/Berlin", "timezone", R"("Europe/Berlin")"},
          {"phone", "+49 170 / 123-4567", "phone", R"("+491701234567")"},
          {"address", "1 Main St\nTown", "address", R"("1 Main St\nTown")"},
          {"website", "https://example.org/a", "website", R"("https://example.org/a")"},
          {"twitter", "@alice_1", "twitter", R"("alice_1")"},
          {"bluesky", "@alice.example.org", "bluesky", R"("alice.example.org")"},
          {"fediverse", "@alice@example.org", "fediverse", R"("alice@example.org")"},
          {"organisation", "Ä & Co", "organisation", R"("Ä & Co")"},
          {"role", "Boss", "role", R"("Boss")"},
          {"headline", "Hi", "headline", R"("Hi")"},
          {"biography", "Born.", "biography", R"("Born.")"},
          {"profile_enabled", "1", "profile_enabled", R"("1")"},
          {"pronouns", "she/her", "pronouns", R"("she/her")"},
          {"birthdate", "2000-02-29", "birthdate", R"("2000-02-29")"},
          {"additional_mail", "Second@example.org", "additional_mail", R"(["second@example.org"])"},
          {"notify_email", "second@example.org", "notify_email", R"("second@example.org")"},
      };
  for (const std::string_view who : {"alice", "carol", "root"}) {
    for (const auto& [key, value, field, shown] : rows) {
      EXPECT_EQ(Edit("alice", key, value, who).body, Success()) << who << " " << key;
      EXPECT_EQ(FieldOf("alice", field), shown) << who << " " << key;
    }
  }
  EXPECT_EQ(Edit("alice", "phone", "").body, Success());
  EXPECT_EQ(FieldOf("alice", "phone"), R"("")");
  EXPECT_EQ(Edit("alice", "displayname", "").body, Success());
  EXPECT_EQ(FieldOf("alice", "displayname"), R"("alice")");
}

TEST_F(UserEditCase, WhatIsRefused) {
  const std::tuple<std::string_view, std::string, std::string_view> rows[] = {
      {"email", "not-a-mail", ""},
      {"quota", "lots", "Invalid quota value: lots"},
      {"quota", "\xff", ""},  // no text
      {"language", "xx_nope", "Invalid language"},
      {"language", "", "Invalid language"},
      {"locale", "nowhere", "Invalid locale"},
      {"timezone", "Mars/", "Invalid timezone"},
      {"phone", "abc", "Invalid phone"},
      {"phone", "0170123456", "Invalid phone"},
      {"website", "example", "Invalid website"},
      {"website", "javascript://x", "Invalid website"},
      {"twitter", "a b", "Invalid twitter"},
      {"bluesky", "alice", "Invalid bluesky"},
      {"fediverse", "alice", "Invalid fediverse"},
      {"birthdate", "2001-02-29", "Invalid birthdate"},
      {"profile_enabled", "yes", "Invalid profile_enabled"},
      {"address", std::string(kMaxProfileValue + 1, 'x'), "Invalid address"},
      {"role", "\xff", "Invalid role"},
      {"manager", "a/b", "Invalid manager"},
      {"displayname", std::string(129, 'x'), "Invalid displayname"},
      {"additional_mail", "not-a-mail", ""},
      {"additional_mail", "alice@example.org", ""},
      {"notify_email", "stranger@example.org", ""},
      {"password", std::string(1025, 'x'), "Invalid password value"},
  };
  for (const auto& [key, value, message] : rows)
    EXPECT_EQ(Edit("alice", key, value).body, Refusal(101, message)) << key;
  EXPECT_EQ(Edit("alice", "password", "short").body,
            Refusal(107,
                    "Password is among the most common ones. Please make it unique. Password "
                    "needs to be at least 10 characters long."));
  EXPECT_EQ(Edit("alice", "password", "Password1234").body,
            Refusal(107, "Password is among the most common ones. Please make it unique."));
  for (const std::string_view key :
       {"nonsense", "", "enabled", "groups", "Scope", "roleScopeScope"})
    EXPECT_EQ(Edit("alice", key, "x").body, Refusal(113)) << key;
  EXPECT_EQ(Edit("nobody", "email", "a@example.org").body, Refusal(998));
  EXPECT_EQ(
      Ask("PUT", "/ocs/v1.php/cloud/users/alice?format=json", "root", {}, "key=quota&value=lots")
          .body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":101,"message":)"
      R"("Invalid quota value: lots","totalitems":"","itemsperpage":""},"data":[]}})");
}

TEST_F(UserEditCase, WhoMayChangeWhat) {
  EXPECT_EQ(Edit("alice", "quota", "none", "alice").body, Refusal(113));
  EXPECT_EQ(Edit("alice", "manager", "bob", "alice").body, Refusal(113));
  EXPECT_EQ(Edit("carol", "quota", "none", "carol").body, Refusal(113));
  EXPECT_EQ(Edit("alice", "quota", "1 GB", "carol").body, Success());
  EXPECT_EQ(Edit("alice", "manager", "bob", "carol").body, Success());
  EXPECT_EQ(FieldOf("alice", "manager"), R"("bob")");
  // Scopes are the owner's.
  EXPECT_EQ(Edit("alice", "phoneScope", "v2-private", "root").body, Refusal(113));
  EXPECT_EQ(Edit("alice", "phoneScope", "v2-private", "carol").body, Refusal(113));
  EXPECT_EQ(Edit("alice", "phoneScope", "v2-private", "alice").body, Success());
  EXPECT_EQ(Edit("alice", "phoneScope", "anything", "alice").body, Refusal(101, "Invalid scope"));
  EXPECT_EQ(Edit("alice", "emailScope", "v2-private", "alice").body, Refusal(101, "Invalid scope"));
  EXPECT_EQ(FieldOf("alice", "phoneScope", "alice"), R"("v2-private")");
  EXPECT_EQ(FieldOf("alice", "phoneScope", "root"), "absent");
  // Out of reach.
  for (const std::string_view key : {"email", "password", "nonsense"}) {
    EXPECT_EQ(Edit("bob", key, "x@example.org", "alice").body, Refusal(998));
    EXPECT_EQ(Edit("bob", key, "x@example.org", "carol").body, Refusal(998));
    EXPECT_EQ(Edit("root", key, "x@example.org", "carol").body, Refusal(998));
    EXPECT_EQ(Edit("nobody", key, "x@example.org", "carol").body, Refusal(998));
  }
}

TEST_F(UserEditCase, AnAdministratorInASubAdminsGroupIsOutOfHisReach) {
  ASSERT_TRUE(groups_.AddMember("staff", IdOf("root")).has_value());
  EXPECT_EQ(Edit("root", "password", "taken over now", "carol").body, Refusal(998));
  EXPECT_EQ(Call("GET", "/users/root", "carol").body, Refusal(998));
  EXPECT_EQ(Call("PUT", "/users/root/disable", "carol").body, Refusal(998));
}

TEST_F(UserEditCase, ANewPasswordEndsTheOldOne) {
  EXPECT_EQ(Edit("alice", "password", "another one 1", "alice").body, Success());
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "alice").status, 401);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", Basic("alice", "another one 1")).status, 200);
}

TEST_F(UserEditCase, FurtherAddresses) {
  const auto replace = [&](std::string body) {
    return Call("PUT", "/users/alice/additional_mail", "alice", std::move(body)).body;
  };
  for (const std::string_view mail : {"a@example.org", "b@example.org", "a@example.org"})
    EXPECT_EQ(Edit("alice", "additional_mail", mail, "alice").body, Success());
  EXPECT_EQ(FieldOf("alice", "additional_mail"), R"(["a@example.org","b@example.org"])");
  EXPECT_EQ(FieldOf("alice", "additional_mailScope", "alice"), R"(["v2-local","v2-local"])");
  EXPECT_EQ(Edit("alice", "notify_email", "a@example.org", "alice").body, Success());
  EXPECT_EQ(replace("key=a%40example.org&value=c%40example.org"), Success());
  EXPECT_EQ(FieldOf("alice", "additional_mail"), R"(["c@example.org","b@example.org"])");
  EXPECT_EQ(FieldOf("alice", "notify_email"), R"("c@example.org")");
  EXPECT_EQ(replace("key=c%40example.org&value="), Success());
  EXPECT_EQ(FieldOf("alice", "additional_mail"), R"(["b@example.org"])");
  EXPECT_EQ(FieldOf("alice", "notify_email"), "null");
  EXPECT_EQ(replace("key=c%40example.org&value="), Refusal(101));
  EXPECT_EQ(replace("key=b%40example.org&value=alice%40example.org"), Refusal(101));
  EXPECT_EQ(replace("key=b%40example.org&value=none"), Refusal(101));
  for (int i = 0; i < 30; ++i)
    Edit("alice", "additional_mail", std::to_string(i) + "@example.org", "alice");
  EXPECT_EQ(Call("GET", "/user", "alice").Data().at("additional_mail").as_array().size(), 20u);
}

TEST(ProfileRules, Codes) {
  for (const std::string_view good : {"de", "pt_BR", "es_419", "fil"})
    EXPECT_TRUE(IsLanguage(good)) << good;
  for (const std::string_view bad : {"", "d", "DE", "de_", "de-DE", "de_DEU", "../de"})
    EXPECT_FALSE(IsLanguage(bad)) << bad;
  for (const std::string_view good : {"de", "de_DE", "zh_Hans_CN", "sr_Latn"})
    EXPECT_TRUE(IsLocale(good)) << good;
  for (const std::string_view bad : {"", "de_", "de_DE_", "de_DE_x"})
    EXPECT_FALSE(IsLocale(bad)) << bad;
  for (const std::string_view good :
       {"UTC", "Europe/Berlin", "Etc/GMT+1", "America/Argentina/Buenos_Aires"})
    EXPECT_TRUE(IsTimezone(good)) << good;
  for (const std::string_view bad : {"", "/etc/passwd", "a/../b", "a/b/c/d", "a b"})
    EXPECT_FALSE(IsTimezone(bad)) << bad;
}

}  // namespace
}  // namespace cairn::ocs
