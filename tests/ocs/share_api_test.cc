// Shares over OCS: made, told, changed, ended.
#include "tests/ocs/share_api_case.h"

namespace cairn::ocs {
namespace {

using namespace std::chrono_literals;

class ShareApiTest : public ShareApiCase {};

std::string Whole(const std::string& data) {
  return R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":)" + data + "}}";
}

TEST_F(ShareApiTest, AUserShareAsRecorded) {
  const std::string body =
      "path=%2Fshr&shareType=0&shareWith=bob&permissions=31&note=please+look&label=lab"
      "&expireDate=2027-01-15";
  const Fields share =
      With(Recorded(), {{"note", R"("please look")"}, {"expiration", R"("2027-01-15 23:59:59")"}});
  const Answer made = Call("POST", "/shares", "alice", body);
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.body, Whole(Json(With(share, {{"mail_send", "1"}}))));
  EXPECT_EQ(Call("POST", "/shares", "alice", body).body, Whole(Json(share)))
      << "the same share again";
  const Answer silent =
      Call("POST", "/shares", "alice", "path=/single.txt&shareType=0&shareWith=bob&sendMail=false");
  EXPECT_EQ(silent.Data().at("mail_send"), 0);

  EXPECT_EQ(Call("GET", "/shares/1").body, Whole("[" + Json(share) + "]"));
  EXPECT_EQ(Call("GET", "/shares/1", "alice", {}, 1).body,
            R"({"ocs":{"meta":{"status":"ok","statuscode":100,"message":"OK","totalitems":"",)"
            R"("itemsperpage":""},"data":[)" +
                Json(share) + "]}}");
  EXPECT_EQ(Call("GET", "/shares/1", "bob").body,
            Whole("[" +
                  Json(With(ToBob(), {{"note", R"("please look")"},
                                      {"expiration", R"("2027-01-15 23:59:59")"}})) +
                  "]"));
}

TEST_F(ShareApiTest, InXml) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  const std::string node = NodeText("alice", {"shr"});
  const std::string object =
      "  <id>1</id>\n  <share_type>0</share_type>\n"
      "  <uid_owner>alice</uid_owner>\n"
      "  <displayname_owner>Alice &lt;A.&gt;</displayname_owner>\n"
      "  <permissions>31</permissions>\n  <can_edit>1</can_edit>\n  <can_delete>1</can_delete>\n"
      "  <stime>1700000000</stime>\n  <parent/>\n  <expiration/>\n  <token/>\n"
      "  <uid_file_owner>alice</uid_file_owner>\n  <note>n</note>\n  <label></label>\n"
      "  <displayname_file_owner>Alice &lt;A.&gt;</displayname_file_owner>\n"
      "  <path>/shr</path>\n  <item_type>folder</item_type>\n"
      "  <item_permissions>31</item_permissions>\n  <is-mount-root></is-mount-root>\n"
      "  <mount-type></mount-type>\n  <mimetype>httpd/unix-directory</mimetype>\n"
      "  <has_preview></has_preview>\n  <storage_id>home::alice</storage_id>\n"
      "  <storage>1</storage>\n  <item_source>" +
      node + "</item_source>\n  <file_source>" + node + "</file_source>\n  <file_parent>" +
      NodeText("alice", {}) +
      "</file_parent>\n  <file_target>/shr</file_target>\n  <item_size>0</item_size>\n"
      "  <item_mtime>1700000000</item_mtime>\n  <share_with>bob</share_with>\n"
      "  <share_with_displayname>bob</share_with_displayname>\n"
      "  <share_with_displayname_unique>bob</share_with_displayname_unique>\n"
      "  <mail_send>0</mail_send>\n  <hide_download>0</hide_download>\n  <attributes/>\n";
  EXPECT_EQ(Ask("PUT", Base(2) + "/shares/1", "alice", {}, "note=n").body,
            "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>ok</status>\n"
            "  <statuscode>200</statuscode>\n  <message>OK</message>\n </meta>\n <data>\n" +
                object + " </data>\n</ocs>\n");
  std::string deeper;
  for (std::string_view rest = object; !rest.empty();) {
    const std::size_t end = rest.find('\n') + 1;
    deeper += " " + std::string(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  EXPECT_EQ(Get(Base(1) + "/shares/1").body,
            "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>ok</status>\n"
            "  <statuscode>100</statuscode>\n  <message>OK</message>\n  <totalitems></totalitems>\n"
            "  <itemsperpage></itemsperpage>\n </meta>\n <data>\n  <element>\n" +
                deeper + "  </element>\n </data>\n</ocs>\n");
  EXPECT_EQ(Get(Base(2) + "/shares/7").body,
            "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>failure</status>\n"
            "  <statuscode>404</statuscode>\n"
            "  <message>Wrong share ID, share does not exist</message>\n </meta>\n <data/>\n"
            "</ocs>\n");
}

TEST_F(ShareApiTest, ParametersComeFromFormQueryOrJson) {
  const Answer by_json =
      Ask("POST", Base(2) + "/shares?format=json", "alice", {{"Content-Type", "application/json"}},
          R"({"path":"/shr","shareType":0,"shareWith":"bob","permissions":1,)"
          R"("expireDate":null,"label":["x"]})");
  EXPECT_EQ(by_json.Data().at("permissions"), 1) << by_json.body;
  const Answer by_query = Call(
      "POST", "/shares?path=/single.txt&shareType=0&shareWith=BOB&permissions=17&note=q", "alice");
  EXPECT_EQ(by_query.Data().at("note"), "q") << by_query.body;
  EXPECT_EQ(by_query.Data().at("share_with"), "bob");
  const Answer changed =
      Ask("PUT", Base(2) + "/shares/1?format=json", "alice", {{"Content-Type", "application/json"}},
          R"({"permissions":3,"note":"by JSON"})");
  EXPECT_EQ(changed.Data().at("permissions"), 3) << changed.body;
  EXPECT_EQ(changed.Data().at("note"), "by JSON");
}

TEST_F(ShareApiTest, AFileAndWhatItsRecipientMayDo) {
  EXPECT_EQ(Share("alice", "/single.txt", "carol", "&permissions=31"), "1");
  const std::string node = NodeText("alice", {"single.txt"});
  const Fields file =
      With(Recorded(), {{"permissions", "19"},
                        {"path", R"("/single.txt")"},
                        {"item_type", R"("file")"},
                        {"item_permissions", "27"},
                        {"mimetype", R"("text/plain")"},
                        {"item_source", node},
                        {"file_source", node},
                        {"file_target", R"("/single.txt")"},
                        {"share_with", R"("carol")"},
                        {"share_with_displayname", R"("carol")"},
                        {"share_with_displayname_unique", R"("carol@example.org")"}});
  EXPECT_EQ(List("/shares/1"), "[" + Json(file) + "]");
  EXPECT_EQ(List("/shares/1", "carol"),
            "[" +
                Json(With(file, {{"can_edit", "false"},
                                 {"is-mount-root", "true"},
                                 {"mount-type", R"("shared")"},
                                 {"storage_id", R"("shared::/single.txt")"}})) +
                "]");
  EXPECT_EQ(Call("PUT", "/shares/1", "alice", "permissions=1").Data().at("permissions"), 1);
  EXPECT_EQ(Field("1", "item_permissions", "carol"), "9") << "read, and take it out of her tree";
}

TEST_F(ShareApiTest, MasksAsRecorded) {
  const auto made = [&](const std::string& path, const std::string& mask) {
    const std::string id = Share("alice", path, "bob", "&permissions=" + mask);
    const std::string permissions = Field(id, "permissions", "alice");
    Call("DELETE", "/shares/" + id);
    return permissions;
  };
  for (const auto& [asked, is] : std::map<std::string, std::string>{{"1", "1"},
                                                                    {"3", "3"},
                                                                    {"5", "5"},
                                                                    {"7", "7"},
                                                                    {"9", "9"},
                                                                    {"13", "13"},
                                                                    {"15", "15"},
                                                                    {"17", "17"},
                                                                    {"19", "19"},
                                                                    {"21", "21"},
                                                                    {"23", "23"},
                                                                    {"31", "31"},
                                                                    {"16", "17"},
                                                                    {"0", "1"},
                                                                    {"2", "3"},
                                                                    {"4", "5"},
                                                                    {"8", "9"},
                                                                    {"", "31"}}) {
    EXPECT_EQ(made("/shr", asked), is) << asked;
  }
  for (const auto& [asked, is] : std::map<std::string, std::string>{{"1", "1"},
                                                                    {"3", "3"},
                                                                    {"17", "17"},
                                                                    {"19", "19"},
                                                                    {"31", "19"},
                                                                    {"7", "3"},
                                                                    {"15", "3"},
                                                                    {"", "19"}}) {
    EXPECT_EQ(made("/single.txt", asked), is) << asked;
  }
}

TEST_F(ShareApiTest, Refused) {
  const auto post = [&](const std::string& body, std::string_view user = "alice") {
    return Call("POST", "/shares", user, body).body;
  };
  const std::string one = "path=/single.txt&shareType=0&shareWith=";
  const std::string nobody = Refusal(404, "Please specify a valid account to share with");
  EXPECT_EQ(post(one + "alice&permissions=1"), Refusal(403, "Cannot share with yourself"));
  EXPECT_EQ(post(one + "nosuchuser&permissions=1"), nobody);
  EXPECT_EQ(post("path=/single.txt&shareType=0"), nobody);
  EXPECT_EQ(post("path=/shr&shareType=1&shareWith=nosuchgroup"),
            Refusal(404, "Please specify a valid group"));
  EXPECT_EQ(post("path=/shr&shareType=1"), Refusal(404, "Please specify a valid group"));
  const std::string wrong_path = Refusal(404, "Wrong path, file/folder does not exist");
  EXPECT_EQ(post("path=/nope.txt&shareType=0&shareWith=bob"), wrong_path);
  EXPECT_EQ(post("path=/single.txt/x&shareType=0&shareWith=bob"), wrong_path);
  EXPECT_EQ(post("path=/../alice&shareType=0&shareWith=bob"), wrong_path);
  EXPECT_EQ(post("path=%2Fshr%2F%2E%2E%2Fshr&shareType=0&shareWith=bob"), wrong_path);
  EXPECT_EQ(post("path=/single.txt&shareType=0&shareWith=bob", "bob"), wrong_path);
  EXPECT_EQ(post("shareType=0&shareWith=bob"),
            Refusal(404, "Please specify a file or folder path"));
  const std::string no_type = Refusal(400, "Unknown share type");
  EXPECT_EQ(post("path=/single.txt&shareWith=bob"), no_type);
  EXPECT_EQ(post("path=/single.txt&shareWith=bob&shareType=77"), no_type);
  EXPECT_EQ(post("path=/single.txt&shareWith=bob&shareType=x"), no_type);
  EXPECT_EQ(post("path=/single.txt&shareWith=bob&shareType=-1"), no_type);
  const std::string mask = Refusal(403, "Valid permissions are required for sharing");
  for (const std::string bad : {"99", "32", "-1", "x", "4294967297"})
    EXPECT_EQ(post(one + "bob&permissions=" + bad), mask) << bad;
  EXPECT_EQ(post("path=/&shareType=0&shareWith=bob"),
            Refusal(403, "You cannot share your root folder"));
  EXPECT_EQ(post(one + "bob&expireDate=2020-01-01"),
            Refusal(404, "Expiration date is in the past"));
  for (const std::string bad : {"xx", "2027-13-01", "2027-02-30", "2027-1-1", "2027-01-15x", "-"})
    EXPECT_EQ(post(one + "bob&expireDate=" + bad),
              Refusal(404, "Invalid date. Format must be YYYY-MM-DD"))
        << bad;
  EXPECT_EQ(post(one + "bob&attributes=xx"),
            Refusal(400, R"(Invalid share attributes provided: "xx")"));
  EXPECT_EQ(post(one + "bob&note=%ff"), Refusal(400, "The note is too long or is no text"));
  EXPECT_EQ(Ids("/shares"), "");

  EXPECT_EQ(Call("POST", "/shares", "alice", one + "nosuchuser", 1).body,
            R"({"ocs":{"meta":{"status":"failure","statuscode":404,"message":)"
            R"("Please specify a valid account to share with","totalitems":"","itemsperpage":""},)"
            R"("data":[]}})");
  EXPECT_EQ(Call("POST", "/shares", "alice", one + "nosuchuser", 1).status, 200);
  EXPECT_EQ(Call("POST", "/shares", "alice", one + "nosuchuser", 2).status, 404);
  EXPECT_EQ(Call("POST", "/shares", "", one).body, Refusal(997, "Current user is not logged in"));
  EXPECT_EQ(Call("POST", "/shares", "", one).status, 401);
}

TEST_F(ShareApiTest, OtherKindsOfShares) {
  const auto post = [&](const std::string& type) {
    return Call("POST", "/shares", "alice", "path=/single.txt&shareWith=x&shareType=" + type).body;
  };
  const std::string failed =
      "Sharing /alice/files/single.txt failed because the back end does not ";
  EXPECT_EQ(post("4"), Refusal(404, "Sharing by mail is disabled by the administrator"));
  EXPECT_EQ(post("6"), Refusal(403, failed + "allow shares from type 6"));
  EXPECT_EQ(post("9"), Refusal(403, failed + "allow shares from type 9"));
  EXPECT_EQ(post("7"), Refusal(404, "You cannot share to a Team if the app is not enabled"));
  EXPECT_EQ(post("10"), Refusal(403, failed + "support room shares"));
  EXPECT_EQ(post("12"), Refusal(403, failed + "support room shares"));
}

TEST_F(ShareApiTest, Changed) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  const auto put = [&](const std::string& body, std::string_view user = "alice") {
    return DataOf(Call("PUT", "/shares/1", user, body));
  };
  EXPECT_EQ(put("permissions=1"), Json(With(Recorded(), {{"permissions", "1"}})));
  EXPECT_EQ(put("permissions=31"), Json(Recorded()));
  EXPECT_EQ(put("permissions=0"), Refusal(400, "Failed to update share."));
  EXPECT_EQ(put("permissions=64"), Refusal(400, "Failed to update share."));
  EXPECT_EQ(put("expireDate=2027-02-01"),
            Json(With(Recorded(), {{"expiration", R"("2027-02-01 23:59:59")"}})));
  EXPECT_EQ(put("expireDate=2020-01-01"), Refusal(404, "Expiration date is in the past"));
  EXPECT_EQ(put("expireDate=tomorrow-ish"),
            Refusal(400, "Invalid date. Format must be YYYY-MM-DD"));
  EXPECT_EQ(Field("1", "expiration", "alice"), R"("2027-02-01 23:59:59")");
  EXPECT_EQ(put("expireDate="), Json(Recorded()));
  EXPECT_EQ(put("note=a+note"), Json(With(Recorded(), {{"note", R"("a note")"}})));
  EXPECT_EQ(put("note="), Json(Recorded()));
  EXPECT_EQ(put(""), Refusal(400, "Wrong or no update parameter given"));
  EXPECT_EQ(put("unheard=of"), Refusal(400, "Wrong or no update parameter given"));
  EXPECT_EQ(put("password=&hideDownload=true&label=l"), Json(Recorded())) << "of links only";
  EXPECT_EQ(put("permissions=3&note=both"),
            Json(With(Recorded(), {{"permissions", "3"}, {"note", R"("both")"}})));
  EXPECT_EQ(put("note=" + std::string(shares::kMaxNote + 1, 'n')),
            Refusal(400, "The note is too long or is no text"));
}

TEST_F(ShareApiTest, ChangedByNobodyElse) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  const std::string incoming = "You are not allowed to edit incoming shares";
  EXPECT_EQ(Call("PUT", "/shares/1", "bob", "permissions=1").body, Refusal(403, incoming));
  EXPECT_EQ(Call("PUT", "/shares/1", "bob", "permissions=1", 1).status, 200);
  EXPECT_EQ(Call("PUT", "/shares/1", "bob").body, Refusal(403, incoming));
  EXPECT_EQ(Call("PUT", "/shares/1", "bob", "expireDate=2030-01-01").status, 403);
  for (const std::string id : {"1", "2", "0", "x", "-1", "18446744073709551617"}) {
    const std::string_view user = id == "1" ? "carol" : "alice";
    EXPECT_EQ(Call("PUT", "/shares/" + id, user, "permissions=1").body, NoShare()) << id;
    EXPECT_EQ(Call("GET", "/shares/" + id, user).body, NoShare()) << id;
    EXPECT_EQ(Call("DELETE", "/shares/" + id, user).body, NoShare()) << id;
    EXPECT_EQ(Call("POST", "/shares/pending/" + id, user).body, NoShare()) << id;
  }
  EXPECT_EQ(Call("GET", "/shares/1", "root").body, NoShare())
      << "an administrator has no part in it";
  EXPECT_EQ(List("/shares/1"), "[" + Json(Recorded()) + "]");
}

TEST_F(ShareApiTest, Attributes) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  const auto put = [&](std::string_view text) {
    const Answer answer =
        Call("PUT", "/shares/1", "alice", "attributes=" + http::EncodeUriComponent(text));
    return answer.status == 200 ? ToJson(answer.Data().at("attributes")) : answer.body;
  };
  const auto withheld = [&] {
    const auto share = shares::FindShare(*engine_.kv().Published(), ShareId{1});
    return (*share)->no_download();
  };
  EXPECT_EQ(put(R"([{"scope": "permissions", "key": "download", "value": false}])"),
            R"("[{\"scope\":\"permissions\",\"key\":\"download\",\"value\":false}]")");
  EXPECT_TRUE(withheld());
  EXPECT_EQ(put("xx"), Refusal(400, R"(Invalid share attributes provided: "xx")"));
  for (const std::string_view bad : {"{}", "[1]", "[{}]", R"([{"scope":"permissions"}])",
                                     R"([{"scope":1,"key":"k","value":true}])", "[", "null",
                                     R"([{"scope":"a","key":"b","value":1e400}])"})
    EXPECT_EQ(put(bad),
              Refusal(400, "Invalid share attributes provided: \"" + std::string(bad) + "\""));
  EXPECT_TRUE(withheld());
  EXPECT_EQ(put("[]"), "null");
  EXPECT_FALSE(withheld());
  EXPECT_EQ(put(R"([{"scope":"permissions","key":"download","enabled":false},)"
                R"({"scope":"app","key":"k","value":{"any":[1]}}])"),
            R"("[{\"scope\":\"permissions\",\"key\":\"download\",\"enabled\":false},)"
            R"({\"scope\":\"app\",\"key\":\"k\",\"value\":{\"any\":[1]}}]")");
  EXPECT_TRUE(withheld());
  EXPECT_EQ(put(R"([{"scope":"permissions","key":"download","value":true}])"),
            R"("[{\"scope\":\"permissions\",\"key\":\"download\",\"value\":true}]")");
  EXPECT_FALSE(withheld());
  EXPECT_EQ(put(""), "null");
  const std::string long_text =
      R"([{"scope":"a","key":"b","value":")" + std::string(shares::kMaxAttributes, 'x') + "\"}]";
  EXPECT_NE(put(long_text).find("Invalid share attributes"), std::string::npos);
  EXPECT_EQ(Field("1", "attributes", "bob"), "null");
}

TEST_F(ShareApiTest, EndedByItsMakerAndLeftByItsRecipient) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  EXPECT_EQ(Call("DELETE", "/shares/1").body, Success());
  EXPECT_EQ(Call("DELETE", "/shares/1").body, NoShare());
  EXPECT_EQ(Call("DELETE", "/shares/1", "alice", {}, 1).body,
            R"({"ocs":{"meta":{"status":"failure","statuscode":404,"message":)"
            R"("Wrong share ID, share does not exist","totalitems":"","itemsperpage":""},)"
            R"("data":[]}})");
  EXPECT_EQ(Share("alice", "/shr", "bob"), "2");
  EXPECT_EQ(Call("DELETE", "/shares/2", "bob").body, Success());
  EXPECT_EQ(List("/shares?path=/shr"), "[]");
}

TEST_F(ShareApiTest, OverAtTheEndOfTheDay) {
  EXPECT_EQ(Share("alice", "/shr", "bob", "&expireDate=2023-11-15"), "1");
  clock_.Advance(25h + 46min + 39s);  // 2023-11-15T23:59:59
  EXPECT_EQ(Field("1", "permissions", "bob"), "31");
  clock_.Advance(1s);
  for (const std::string_view user : {"alice", "bob"}) {
    EXPECT_EQ(Call("GET", "/shares/1", user).body, NoShare());
    EXPECT_EQ(Call("PUT", "/shares/1", user, "expireDate=2030-01-01").body, NoShare());
    EXPECT_EQ(Ids("/shares?shared_with_me=true", user), "");
    EXPECT_EQ(Ids("/shares", user), "");
  }
  EXPECT_EQ(Share("alice", "/shr", "bob", "&expireDate=2023-11-16T00:00:00"), "2");
  EXPECT_EQ(Field("2", "expiration", "bob"), R"("2023-11-16 23:59:59")");
}

TEST_F(ShareApiTest, ReShares) {
  EXPECT_EQ(Share("alice", "/shr", "bob", "&permissions=1"), "1");
  EXPECT_EQ(Share("bob", "/shr", "carol", "&permissions=1"),
            Refusal(404, "You are not allowed to share shr"));
  EXPECT_EQ(Call("POST", "/shares", "bob", "path=/shr&shareType=0&shareWith=carol", 1).status, 200);
  EXPECT_EQ(Share("bob", "/shr", "alice", "&permissions=1"),
            Refusal(404, "You are not allowed to share shr"));
  Call("PUT", "/shares/1", "alice", "permissions=17");
  EXPECT_EQ(Share("bob", "/shr", "carol", "&permissions=31"),
            Refusal(404, "Cannot increase permissions of /shr"));
  EXPECT_EQ(Share("bob", "/shr/sub", "carol", "&permissions=3"),
            Refusal(404, "Cannot increase permissions of /shr/sub"));
  EXPECT_EQ(Share("bob", "/shr", "alice", "&permissions=1"),
            Refusal(403, "Cannot share with the share owner"));
  EXPECT_EQ(Share("bob", "/shr", "bob", "&permissions=1"),
            Refusal(403, "Cannot share with yourself"));
  EXPECT_EQ(Share("bob", "/shr", "carol", "&permissions=17"), "2");
  const Fields further =
      With(Recorded(), {{"id", R"("2")"},
                        {"uid_owner", R"("bob")"},
                        {"displayname_owner", R"("bob")"},
                        {"permissions", "17"},
                        {"share_with", R"("carol")"},
                        {"share_with_displayname", R"("carol")"},
                        {"share_with_displayname_unique", R"("carol@example.org")"}});
  EXPECT_EQ(List("/shares/2", "alice"), "[" + Json(further) + "]") << "the owner's to change";
  EXPECT_EQ(List("/shares/2", "bob"),
            "[" +
                Json(With(further, {{"item_permissions", "27"},
                                    {"is-mount-root", "true"},
                                    {"mount-type", R"("shared")"},
                                    {"storage_id", R"("shared::/shr")"}})) +
                "]");
  EXPECT_EQ(Call("PUT", "/shares/2", "bob", "permissions=31").body,
            Refusal(404, "Cannot increase permissions of /shr"));
  Call("PUT", "/shares/1", "alice", "permissions=1");
  EXPECT_EQ(Call("GET", "/shares/2", "carol").body, NoShare()) << "bob may share no more";
  EXPECT_EQ(Field("2", "permissions", "alice"), "17");
  EXPECT_EQ(Call("DELETE", "/shares/1").body, Success());
  EXPECT_EQ(Call("GET", "/shares/2", "bob").body, NoShare());
  EXPECT_EQ(Call("DELETE", "/shares/2", "alice").body, Success());
}

TEST_F(ShareApiTest, AFolderThatHoldsMountsIsNotShared) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  Mkcol("bob", {"box"});
  const auto bob = users_.FindByName(*engine_.kv().Published(), "bob");
  const SpaceId home{(*bob)->space()};
  storage::Caller caller;
  caller.user = IdOf("bob");
  caller.user_version = (*bob)->version();
  ASSERT_TRUE(shares_
                  .MoveMount(caller, home, NodeOf("alice", {"shr"}),
                             {.home = home, .segments = {"box", "inside"}})
                  .has_value());
  EXPECT_EQ(List("/shares/1", "bob"),
            "[" +
                Json(With(ToBob(), {{"path", R"("/box/inside")"},
                                    {"storage_id", R"("shared::/box/inside")"},
                                    {"file_target", R"("/box/inside")"}})) +
                "]");
  EXPECT_EQ(Field("1", "file_target", "alice"), R"("/shr")") << "where bob keeps it is his affair";
  EXPECT_EQ(Share("bob", "/box", "carol", "&permissions=1"),
            Refusal(403, "You cannot share a folder that contains other shares"));
  EXPECT_EQ(Share("bob", "/box/inside/sub", "carol", "&permissions=1"), "2");
  EXPECT_EQ(Field("2", "path", "bob"), R"("/box/inside/sub")");
  EXPECT_EQ(Field("2", "path", "carol"), R"("/sub")");
  EXPECT_EQ(Field("2", "path", "alice"), R"("/shr/sub")");
}

TEST_F(ShareApiTest, AnAppPasswordThatMayNotReachFilesReachesNoShares) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  const auto token = app_passwords_.Create(IdOf("alice"), "calendar", {.no_files = true});
  ASSERT_TRUE(token.has_value());
  HeaderList headers = Basic("alice", token->secret);
  headers.emplace_back("Accept", "application/json");
  const std::pair<std::string_view, std::string> calls[] = {
      {"GET", "/shares"},
      {"GET", "/shares/1"},
      {"GET", "/shares/inherited?path=/shr"},
      {"GET", "/shares/pending"},
      {"GET", "/deletedshares"},
      {"PUT", "/shares/1?permissions=1"},
      {"DELETE", "/shares/1"},
      {"POST", "/shares/pending/1"},
      {"POST", "/deletedshares/ocinternal:1"},
      {"POST", "/shares?path=/shr&shareType=0&shareWith=carol"}};
  for (const auto& [method, path] : calls) {
    EXPECT_EQ(Ask(method, Base(2) + path, "", headers).body, Refusal(403, "Forbidden"))
        << method << " " << path;
  }
  EXPECT_EQ(Ids("/shares"), "1");
}

TEST_F(ShareApiTest, NothingIsLeftOfAShareWhoseNodeIsGone) {
  EXPECT_EQ(Share("alice", "/shr", "bob"), "1");
  Remove("alice", {"shr"});
  EXPECT_EQ(Call("GET", "/shares/1").body, NoShare());
  EXPECT_EQ(Call("GET", "/shares/1", "bob").body, NoShare());
  EXPECT_EQ(Ids("/shares"), "");
  Mkcol("alice", {"shr"});
  EXPECT_EQ(Ids("/shares?path=/shr"), "") << "another folder of that name";
}

}  // namespace
}  // namespace cairn::ocs
