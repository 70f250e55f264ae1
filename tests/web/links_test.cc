// Public links as visitors use them: the pages, and the DAV addresses that they lead to.
#include <regex>

#include "auth/password_hash.h"
#include "dav/dispatcher.h"
#include "shares/shares.h"
#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using storage::Permission;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kPassword = "open sesame";

storage::Permissions Bits(std::initializer_list<Permission> list) {
  storage::Permissions bits = 0;
  for (const Permission one : list) bits |= static_cast<storage::Permissions>(one);
  return bits;
}

class LinksTest : public WebCase {
 protected:
  LinksTest() {
    auto alice = users_.FindByName(*engine_.kv().Published(), "alice");
    CAIRN_CHECK(alice.has_value() && alice->has_value());
    alice_.user = UserId{(*alice)->id()};
    alice_.user_name = "alice";
    alice_.user_version = (*alice)->version();
    home_ = SpaceId{(*alice)->space()};
    Mkcol("/Holiday plans");
    Mkcol("/Holiday plans/letters");
    Put("/Holiday plans/map.txt", "here be dragons");
    Put("/Holiday plans/letters/ä b.txt", "dear reader");
    Put("/private.txt", "nobody's business");
  }

  http::Handler& HandlerOf(std::string_view target) override {
    if (target.starts_with("/public.php") || target.starts_with("/remote.php")) return dav_;
    return dispatcher_;
  }

  WholeAnswer AsAlice(std::string_view method, std::string_view path, std::string body = {}) {
    const std::string target = "/remote.php/dav/files/alice" + http::EncodePath(path);
    http::Request request = support::MakeRequest(
        method, target, {{"Authorization", "Basic " + ToBase64("alice:alice-password")}});
    return support::Ask(contexts_.emplace_back(), dav_, std::move(request), std::move(body));
  }
  void Mkcol(std::string_view path) { ASSERT_EQ(AsAlice("MKCOL", path).status, 201) << path; }
  void Put(std::string_view path, std::string body) {
    ASSERT_EQ(AsAlice("PUT", path, std::move(body)).status, 201) << path;
  }

  storage::Share Link(std::string_view path, shares::ShareAttributes set = {}) {
    storage::TreePath place{home_, {}};
    place.segments = http::DecodePath(http::EncodePath(path))->segments;
    const auto chain = engine_.tree().Resolve(*engine_.kv().Published(), place);
    CAIRN_CHECK(chain.has_value());
    shares::NewShare request;
    request.node = chain->leaf().id();
    request.type = shares::ShareType::kLink;
    request.set = std::move(set);
    const auto made = shares_.Create(alice_, request);
    CAIRN_CHECK(made.has_value() && !made->refused);
    return made->share;
  }
  static shares::ShareAttributes With(std::string_view password) {
    shares::ShareAttributes set;
    set.password_hash = *auth::HashPassword(password, auth::PasswordCost::Minimum());
    return set;
  }
  void Change(const storage::Share& share, const shares::ShareAttributes& change) {
    const auto done = shares_.Update(alice_, ShareId{share.id()}, change);
    ASSERT_TRUE(done.has_value() && !done->refused);
  }
  static std::string Page(const storage::Share& share, std::string_view after = {}) {
    return ("/s/" + share.token()).append(after);
  }
  static std::string Dav(const storage::Share& share, std::string_view after = {}) {
    return ("/public.php/dav/files/" + share.token()).append(after);
  }
  static WholeAnswer Unlock(Browser& browser, const storage::Share& share,
                            std::string_view password = kPassword,
                            std::string_view next = "showshare") {
    const std::string form = Page(share, "/authenticate/").append(next);
    browser.Get(form);
    return browser.Submit(form, {{"password", std::string(password)}});
  }
  // A form with files as a browser sends it.
  static WholeAnswer Upload(Browser& browser, const std::string& action,
                            const std::vector<std::pair<std::string, std::string>>& files,
                            std::string nickname = {}) {
    std::string body;
    const auto part = [&](const std::string& names, const std::string& data) {
      body += "--xyz\r\nContent-Disposition: form-data; " + names + "\r\n\r\n" + data + "\r\n";
    };
    if (!nickname.empty()) part("name=\"nickname\"", nickname);
    for (const auto& [name, data] : files) part("name=\"file\"; filename=\"" + name + "\"", data);
    return browser.Ask("POST", action, {{"Content-Type", "multipart/form-data; boundary=xyz"}},
                       body + "--xyz--\r\n");
  }

  shares::MountTable mounts_{clock_};
  shares::Shares shares_{engine_.kv(), engine_.tree(), mounts_, clock_, random_};
  dav::Services dav_services_{engine_, pools_,  users_, authenticator_,
                              quota_,  shares_, links_, "https://cloud.example"};
  dav::Dispatcher dav_{dav_services_};
  storage::Caller alice_;
  SpaceId home_{};
};

// What nobody may learn who is not let in. `what`: the request; it may come back.
void ExpectNothingTold(const WholeAnswer& answer, const std::string& what) {
  std::string all = answer.body;
  for (const auto& [name, value] : answer.headers.fields()) all += name + ": " + value + "\n";
  for (const char* secret :
       {"Holiday", "map.txt", "letters", "dragons", "Label", "Note", "alice"}) {
    if (what.find(secret) != std::string::npos) continue;
    EXPECT_THAT(all, Not(HasSubstr(secret))) << what;
  }
}

struct LinkRoute {
  std::string method;
  std::string target;
  int shut;  // what who is not let in is answered
  int open;
};

// T-30: every way to what a link leads to, for everybody who has not given its password.
TEST_F(LinksTest, EveryRouteWantsThePassword) {
  shares::ShareAttributes set = With(kPassword);
  set.label = "Label";
  set.note = "Note";
  set.permissions = Bits({Permission::kRead, Permission::kCreate, Permission::kUpdate});
  const storage::Share link = Link("/Holiday plans", set);
  const storage::Share other = Link("/Holiday plans", With(kPassword));
  const std::vector<LinkRoute> routes{
      {"GET", Page(link), 303, 200},
      {"GET", Page(link, "?path=/letters"), 303, 200},
      {"GET", Page(link, "?done=1"), 303, 200},
      {"GET", Page(link, "/download"), 303, 303},
      {"GET", Page(link, "/download?path=/&files=map.txt"), 303, 303},
      {"GET", Page(link, "/authenticate/showshare"), 200, 303},
      {"GET", Page(link, "/authenticate/downloadshare"), 200, 303},
      {"GET", Dav(link, "/map.txt"), 401, 200},
      {"HEAD", Dav(link, "/map.txt"), 401, 200},
      {"GET", Dav(link, "?accept=zip"), 401, 200},
      {"GET", Dav(link, "?accept=zip&files=[%22map.txt%22]"), 401, 200},
      {"PROPFIND", Dav(link), 401, 207},
      {"PUT", Dav(link, "/new.txt"), 401, 201},
      {"MKCOL", Dav(link, "/new"), 401, 201},
      {"POST", Dav(link), 303, 303},                    // a form is led back to the page
      {"GET", "/public.php/webdav/map.txt", 401, 401},  // no cookie is for this one
  };
  const auto knock = [&](Browser& browser, const std::string& who, bool in) {
    for (const LinkRoute& route : routes) {
      const std::string what = who + ": " + route.method + " " + route.target;
      const WholeAnswer answer =
          route.method == "POST"
              ? Upload(browser, route.target, {{"f.txt", "x"}})
              : browser.Ask(route.method, route.target, {{"Sec-Fetch-Site", "same-origin"}}, {});
      EXPECT_EQ(answer.status, in ? route.open : route.shut) << what << "\n" << answer.body;
      if (in) continue;
      ExpectNothingTold(answer, what);
      if (answer.status != 303) continue;
      const bool form = route.method == "POST";
      EXPECT_THAT(answer.Header("Location"), HasSubstr(form ? Page(link) : "/authenticate/"))
          << what;
    }
  };

  Browser stranger(*this);
  knock(stranger, "without a password", false);

  Browser wrong(*this);
  EXPECT_EQ(Unlock(wrong, link, "open barley").status, 403);
  EXPECT_THAT(wrong.page(), HasSubstr("Wrong password."));
  knock(wrong, "after a wrong password", false);

  // T-12: what was in the cookie before opens nothing, and the cookie that opens is a new one.
  Browser preset(*this);
  const std::string cookie = "__Host-" + shares::PassCookie(link.token());
  preset.cookies[cookie] = std::string(64, 'a');
  knock(preset, "with a cookie of his own making", false);

  Browser elsewhere(*this);
  EXPECT_EQ(Unlock(elsewhere, other).status, 303);
  elsewhere.cookies[cookie] = elsewhere.cookies.at("__Host-" + shares::PassCookie(other.token()));
  knock(elsewhere, "with the pass of another link", false);

  Browser guest(*this);
  const WholeAnswer in = Unlock(guest, link);
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(in.Header("Location"), Page(link));
  knock(guest, "with the password", true);

  // NC-SA-2018-012: a new password ends what the old one has opened.
  Change(link, With("another word"));
  knock(guest, "with the pass of an old password", false);
  EXPECT_EQ(Unlock(guest, link, kPassword).status, 403);
  EXPECT_EQ(Unlock(guest, link, "another word").status, 303);
  EXPECT_EQ(guest.Get(Page(link)).status, 200);
}

TEST_F(LinksTest, ThePasswordLeadsToWhatWasAskedFor) {
  const storage::Share link = Link("/Holiday plans", With(kPassword));
  for (const auto& [asked, form] :
       {std::pair{Page(link, "?path=%2Fletters"),
                  Page(link, "/authenticate/showshare?path=%2Fletters")},
        std::pair{Page(link, "/download?path=%2F&files=map.txt"),
                  Page(link, "/authenticate/downloadshare?path=%2F&files=map.txt")},
        std::pair{Page(link), Page(link, "/authenticate/showshare")},
        std::pair{Page(link, "/download"), Page(link, "/authenticate/downloadshare")}}) {
    Browser browser(*this);
    EXPECT_EQ(browser.Get(asked).Header("Location"), form);
    EXPECT_EQ(Unlock(browser, link, kPassword, std::string_view(form).substr(form.rfind('/') + 1))
                  .Header("Location"),
              asked);
  }
}

TEST_F(LinksTest, WhatIsUnknownOverOrGoneIsOnePage) {
  shares::ShareAttributes day = With(kPassword);
  day.expires = clock_.NowSeconds() + 60;
  const storage::Share over = Link("/Holiday plans", day);
  const storage::Share ended = Link("/Holiday plans");
  const storage::Share lost = Link("/private.txt");
  Browser browser(*this);
  ASSERT_EQ(Unlock(browser, over).status, 303);
  ASSERT_EQ(browser.Get(Page(over)).status, 200);
  EXPECT_THAT(browser.page(), HasSubstr("until <time"));
  ASSERT_EQ(browser.Get(Page(ended)).status, 200);
  clock_.Advance(std::chrono::seconds(61));
  ASSERT_TRUE(shares_.Remove(alice_, ShareId{ended.id()}).has_value());
  ASSERT_EQ(AsAlice("DELETE", "/private.txt").status, 204);

  const std::string unknown = browser.Get("/s/AAAAAAAAAAAAAAA").body;
  EXPECT_THAT(unknown, HasSubstr("nothing here"));
  for (const std::string& token :
       {over.token(), ended.token(), lost.token(), std::string("short"), std::string("%00")}) {
    for (const std::string after :
         {"", "?path=/letters", "/download", "/authenticate/showshare", "/authenticate/other"}) {
      const WholeAnswer answer = browser.Get("/s/" + token + after);
      EXPECT_EQ(answer.status, 404) << token << after;
      ExpectNothingTold(answer, token + after);
      if (token == "%00") continue;  // no path
      EXPECT_EQ(answer.body, unknown) << token << after;
    }
  }
}

TEST_F(LinksTest, GuessesAreCountedPerLink) {
  const storage::Share link = Link("/Holiday plans", With(kPassword));
  Browser guesser(*this);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Unlock(guesser, link, "guess").status, 403) << i;
  const WholeAnswer refused = Unlock(guesser, link);  // even the right one
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, HasSubstr("Too many attempts"));
  EXPECT_FALSE(refused.Header("Retry-After").empty());
  EXPECT_FALSE(refused.headers.Has("Set-Cookie"));
  Browser guest(*this, "203.0.113.9");
  EXPECT_EQ(Unlock(guest, link).status, 303) << "others are not held back";
  EXPECT_EQ(guest.Get(Page(link)).status, 200);
}

TEST_F(LinksTest, UnknownTokensAreCounted) {
  Browser browser(*this);
  int found = 0;
  while (found < 100 && browser.Get("/s/AAAAAAAAAAAAAAA").status == 404) ++found;
  EXPECT_EQ(found, 60);
  EXPECT_EQ(browser.Get("/s/AAAAAAAAAAAAAAA").status, 429);
}

// T-15.
TEST_F(LinksTest, ThePasswordFormIsThisPagesOwn) {
  const storage::Share link = Link("/Holiday plans", With(kPassword));
  const std::string form = Page(link, "/authenticate/showshare");
  Browser browser(*this);
  browser.Get(form);
  EXPECT_EQ(browser.Post(form, {{"password", std::string(kPassword)}}).status, 403);
  browser.Get(form);
  EXPECT_EQ(
      browser.Post(form, {{"password", std::string(kPassword)}, {"requesttoken", "x"}}).status,
      403);
  EXPECT_FALSE(browser.cookies.contains("__Host-" + shares::PassCookie(link.token())));
  ASSERT_EQ(Unlock(browser, link).status, 303);
  // Another site's form does not use the pass, not even where the cookie comes along.
  const WholeAnswer crossed =
      browser.Ask("PUT", Dav(link, "/x"), {{"Sec-Fetch-Site", "cross-site"}}, "x");
  EXPECT_EQ(crossed.status, 401);
}

TEST_F(LinksTest, AFolderAndWhatIsBelow) {
  shares::ShareAttributes set;
  set.note = "Read <this>\nfirst";
  const storage::Share link = Link("/Holiday plans", set);
  Browser browser(*this);
  const WholeAnswer page = browser.Get(Page(link));
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<h1>Holiday plans</h1>"));
  EXPECT_THAT(page.body, HasSubstr("<bdi>alice</bdi></strong> shares this folder."));
  EXPECT_THAT(page.body, HasSubstr("Read &lt;this&gt;\nfirst"));
  EXPECT_THAT(page.body, HasSubstr("15 bytes"));
  EXPECT_THAT(page.body, Not(HasSubstr("private")));
  EXPECT_THAT(page.body, Not(HasSubstr("<script")));
  EXPECT_THAT(page.body, Not(HasSubstr("og:")));
  EXPECT_THAT(page.body, Not(HasSubstr("multipart"))) << "nothing may be added";
  EXPECT_THAT(page.Header("Content-Security-Policy"), Not(HasSubstr("script")));

  const std::string below = browser.Link("<bdi>letters/</bdi>");
  EXPECT_EQ(below, Page(link, "?path=%2Fletters"));
  browser.Get(below);
  EXPECT_THAT(browser.page(), HasSubstr("<h1>letters</h1>"));
  EXPECT_EQ(browser.Link("<bdi>Holiday plans</bdi>"), Page(link));
  const std::string file = browser.Link("<bdi>ä b.txt</bdi>");
  EXPECT_EQ(browser.Visit(file).body, "dear reader");
  browser.Get(below);
  const WholeAnswer zip = browser.Visit(browser.Link("Download all as a zip file"));
  EXPECT_EQ(zip.status, 200);
  EXPECT_EQ(zip.Header("Content-Type"), "application/zip");
  EXPECT_THAT(zip.body, HasSubstr("dear reader"));
  EXPECT_THAT(zip.body, Not(HasSubstr("dragons")));
}

// T-31.
TEST_F(LinksTest, NothingOutsideIsReached) {
  const storage::Share link = Link("/Holiday plans/letters");
  Browser browser(*this);
  for (const std::string path :
       {"/..", "..", "../map.txt", "%2e%2e", "/%2e%2e/map.txt", "%252e%252e", "/map.txt",
        "/../../private.txt", "/Holiday plans", "a%00b", "%ff", "/ä b.txt/x"}) {
    const WholeAnswer shown = browser.Get(Page(link, "?path=" + path));
    EXPECT_EQ(shown.status, 404) << path;
    const WholeAnswer sent = browser.Get(Page(link, "/download?path=" + path));
    EXPECT_TRUE(sent.status == 404 || sent.status == 400) << path << sent.status;
    const WholeAnswer named = browser.Get(Page(link, "/download?files=" + path));
    EXPECT_TRUE(named.status == 404 || named.status == 400) << path << named.status;
  }
  for (const std::string files : {R"(["../map.txt"])", R"(["..","ä b.txt"])", R"(["a/b","c"])",
                                  R"([1,2])", R"([["a"],"b"])", R"(["","a"])"})
    EXPECT_EQ(browser.Get(Page(link, "/download?files=" + http::EncodeUriComponent(files))).status,
              400)
        << files;
}

// Golden 07: 256 to 258.
TEST_F(LinksTest, DownloadsGoWhereTheyWereRecorded) {
  const storage::Share folder = Link("/Holiday plans");
  const storage::Share file = Link("/private.txt");
  Browser browser(*this);
  const auto target = [&](const std::string& path) {
    const WholeAnswer answer = browser.Get(path);
    EXPECT_EQ(answer.status, 303) << path;
    return answer.Header("Location");
  };
  const std::string base = "https://cloud.example";
  EXPECT_EQ(target(Page(folder, "/download")), base + Dav(folder, "?accept=zip"));
  EXPECT_EQ(target(Page(folder, "/download?path=/&files=map.txt")), base + Dav(folder, "/map.txt"));
  EXPECT_EQ(target(Page(folder, "/download?path=/map.txt")), base + Dav(folder, "/map.txt"));
  EXPECT_EQ(target(Page(folder, "/download?files=letters")),
            base + Dav(folder, "/letters?accept=zip"));
  EXPECT_EQ(target(Page(folder, "/download?path=/letters&files=%5B%22%C3%A4%20b.txt%22%5D")),
            base + Dav(folder, "/letters/%c3%a4%20b.txt"));
  EXPECT_EQ(target(Page(folder, "/download?files=%5B%22map.txt%22,%22letters%22%5D")),
            base + Dav(folder, "?accept=zip&files=%5B%22map.txt%22%2C%22letters%22%5D"));
  EXPECT_EQ(target(Page(file, "/download")), base + Dav(file));
  EXPECT_EQ(target(Page(file, "/download?path=/x")), base + Dav(file));
  EXPECT_EQ(browser.Get(Page(folder, "/download?files=nothing")).status, 404);
}

TEST_F(LinksTest, AFileByItself) {
  shares::ShareAttributes set;
  set.label = "A <Label>";
  const storage::Share link = Link("/private.txt", set);
  Browser browser(*this);
  browser.Get(Page(link));
  EXPECT_THAT(browser.page(), HasSubstr("<h1>A &lt;Label&gt;</h1>"));
  EXPECT_THAT(browser.page(), HasSubstr("private.txt"));
  EXPECT_THAT(browser.page(), HasSubstr("17 bytes"));
  EXPECT_EQ(browser.Visit(browser.Link("Download")).body, "nobody's business");
  EXPECT_EQ(browser.Get(Page(link, "?path=/private.txt")).status, 404);
}

TEST_F(LinksTest, WithoutDownload) {
  shares::ShareAttributes hidden;
  hidden.hide_download = true;
  shares::ShareAttributes withheld;
  withheld.no_download = true;
  withheld.attributes = R"([{"scope":"permissions","key":"download","value":false}])";
  Browser browser(*this);
  for (const auto& set : {hidden, withheld}) {
    const storage::Share folder = Link("/Holiday plans", set);
    const storage::Share file = Link("/private.txt", set);
    for (const storage::Share& link : {folder, file}) {
      EXPECT_EQ(browser.Get(Page(link)).status, 200);
      EXPECT_THAT(browser.page(), Not(HasSubstr("/download")));
      EXPECT_THAT(browser.page(), Not(HasSubstr("public.php")));
      EXPECT_EQ(browser.Get(Page(link, "/download")).status, 403);
    }
    EXPECT_EQ(browser.Get(Page(folder, "/download?files=map.txt")).status, 403);
  }
}

TEST_F(LinksTest, ALongFolderComesInPages) {
  Mkcol("/many");
  for (int i = 0; i < 305; ++i) Put("/many/" + std::to_string(1000 + i) + " &.txt", "");
  const storage::Share link = Link("/many");
  Browser browser(*this);
  browser.Get(Page(link));
  EXPECT_THAT(browser.page(), HasSubstr("<bdi>1299 &amp;.txt</bdi>"));
  EXPECT_THAT(browser.page(), Not(HasSubstr("1300")));
  const std::regex next("<a rel=\"next\" href=\"([^\"]*)\">");
  std::smatch found;
  const std::string page = browser.page();
  ASSERT_TRUE(std::regex_search(page, found, next));
  browser.Get(Unescape(found[1].str()));
  EXPECT_THAT(browser.page(), Not(HasSubstr("1299")));
  EXPECT_THAT(browser.page(), HasSubstr("<bdi>1304 &amp;.txt</bdi>"));
  EXPECT_THAT(browser.page(), Not(HasSubstr("rel=\"next\"")));
}

TEST_F(LinksTest, FilesAreAddedByAForm) {
  shares::ShareAttributes set;
  set.permissions = Bits({Permission::kRead, Permission::kCreate});
  const storage::Share link = Link("/Holiday plans", set);
  Browser browser(*this);
  const WholeAnswer page = browser.Get(Page(link, "?path=/letters"));
  EXPECT_THAT(page.Header("Content-Security-Policy"),
              HasSubstr("; script-src 'self'; connect-src 'self'; "));
  EXPECT_THAT(page.body, HasSubstr("<script src=\"/core/js/link.js\" defer></script>"));
  EXPECT_EQ(browser.Get("/core/js/link.js").Header("Content-Type"),
            "text/javascript; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("action=\"" + Dav(link, "/letters") + "\""));

  const WholeAnswer sent =
      Upload(browser, Dav(link, "/letters"), {{"one.txt", "1"}, {"two.txt", "2"}});
  EXPECT_EQ(sent.status, 303);
  EXPECT_EQ(sent.Header("Location"), Page(link, "?done=2&path=%2Fletters"));
  browser.Get(sent.Header("Location"));
  EXPECT_THAT(browser.page(), HasSubstr("2 files were uploaded."));
  EXPECT_THAT(browser.page(), HasSubstr("<bdi>two.txt</bdi>"));
  for (const std::string code : {"name", "space", "forbidden", "<b>", "connection"}) {
    browser.Get(Page(link, "?done=0&problem=" + http::EncodeUriComponent(code)));
    EXPECT_THAT(browser.page(), HasSubstr("role=\"alert\""));
    EXPECT_THAT(browser.page(), Not(HasSubstr("<b>")));
  }
}

// T-29.
TEST_F(LinksTest, AFileDropShowsNothing) {
  shares::ShareAttributes set;
  set.permissions = Bits({Permission::kCreate});
  set.note = "Send me your pictures";
  const storage::Share link = Link("/Holiday plans", set);
  Browser browser(*this);
  const std::string before = browser.Get(Page(link)).body;
  EXPECT_THAT(before, HasSubstr("<h1>Upload files</h1>"));
  EXPECT_THAT(before, HasSubstr("<bdi>alice</bdi></strong> asks you for files."));
  EXPECT_THAT(before, HasSubstr("Send me your pictures"));
  for (const char* secret : {"Holiday", "map.txt", "letters", "bytes", "download"})
    EXPECT_THAT(before, Not(HasSubstr(secret)));
  EXPECT_EQ(browser.Get(Page(link, "?path=/letters")).body, before);
  EXPECT_EQ(browser.Get(Page(link, "?path=/nothing")).body, before);
  for (const std::string after : {"/download", "/download?files=map.txt", "/download?files=no"})
    EXPECT_EQ(browser.Get(Page(link, after)).status, 404);

  const WholeAnswer taken = Upload(browser, Dav(link), {{"map.txt", "new"}});
  const WholeAnswer fresh = Upload(browser, Dav(link), {{"fresh.txt", "new"}});
  EXPECT_EQ(taken.Header("Location"), Page(link, "?done=1"));
  EXPECT_EQ(taken.headers.fields(), fresh.headers.fields());
  EXPECT_EQ(taken.body, fresh.body);
  EXPECT_EQ(browser.Get(Page(link)).body, before) << "what was added shows no more";
  EXPECT_EQ(AsAlice("GET", "/Holiday plans/map.txt").body, "here be dragons");
  EXPECT_EQ(AsAlice("GET", "/Holiday plans/map (2).txt").body, "new");
}

TEST_F(LinksTest, AFileRequestAsksWhoItIs) {
  shares::ShareAttributes set;
  set.permissions = Bits({Permission::kCreate});
  set.attributes = R"([{"scope":"fileRequest","key":"enabled","value":true}])";
  set.asks_name = true;
  set.label = "Pictures, please";
  const storage::Share link = Link("/Holiday plans", set);
  Browser browser(*this);
  browser.Get(Page(link));
  EXPECT_THAT(browser.page(), HasSubstr("<h1>Pictures, please</h1>"));
  EXPECT_THAT(browser.page(), HasSubstr("name=\"nickname\""));
  EXPECT_EQ(Upload(browser, Dav(link), {{"a.txt", "x"}}).Header("Location"),
            Page(link, "?done=0&problem=nickname"));
  EXPECT_EQ(Upload(browser, Dav(link), {{"a.txt", "x"}}, "Bob / Eve").Header("Location"),
            Page(link, "?done=0&problem=nickname"));
  EXPECT_EQ(Upload(browser, Dav(link), {{"a.txt", "x"}}, "Bob & Ève").Header("Location"),
            Page(link, "?done=1"));
  EXPECT_EQ(AsAlice("GET", "/Holiday plans/Bob & Ève/a.txt").body, "x");
}

TEST_F(LinksTest, LinksAreOffForEverybody) {
  const storage::Share link = Link("/Holiday plans");
  Browser browser(*this);
  EXPECT_EQ(browser.Get(Page(link)).status, 200);
  links_.SetOpen(false);
  EXPECT_EQ(browser.Get(Page(link)).status, 404);
  EXPECT_EQ(browser.Get(Page(link, "/download")).status, 404);
}

}  // namespace
}  // namespace cairn::web
