// What somebody sees and does who has a public link: below /public.php, by token and password.
#include "auth/password_hash.h"
#include "base/bytes.h"
#include "storage/properties.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kLegacy = "/public.php/webdav";

std::string Basic(std::string_view login, std::string_view password) {
  return "Basic " + ToBase64(std::string(login) + ":" + std::string(password));
}

class LinksTest : public DavCase {
 protected:
  LinksTest() {
    Mkcol("/pub");
    Mkcol("/pub/inner");
    Put("/pub/p.txt", "public text\n");
    Put("/pub/inner/q.txt", "inner");
    Put("/single.txt", "single file\n");
    Put("/secret.txt", "secret");
  }

  storage::Share Link(std::string_view path, shares::ShareAttributes set = {}) {
    shares::NewShare request;
    request.type = shares::ShareType::kLink;
    request.set = std::move(set);
    return MakeShare(path, std::move(request));
  }
  static shares::ShareAttributes Says(storage::Permissions permissions,
                                      std::string_view password = {}) {
    shares::ShareAttributes set;
    set.permissions = permissions;
    if (!password.empty())
      set.password_hash = auth::HashPassword(password, auth::PasswordCost::Minimum()).value();
    return set;
  }
  void Change(const storage::Share& link, const shares::ShareAttributes& change) {
    const auto done = shares_->Update(alice().caller, ShareId{link.id()}, change);
    EXPECT_TRUE(done.has_value() && !done->refused);
  }
  void End(const storage::Share& link) {
    const auto done = shares_->Remove(alice().caller, ShareId{link.id()});
    EXPECT_TRUE(done.has_value() && !done->refused);
  }
  static std::string At(const storage::Share& link, std::string_view path = {}) {
    return "/public.php/dav/files/" + link.token() + std::string(path);
  }
  // Without a login.
  Answer Visit(std::string_view method, const std::string& path, const HeaderList& headers = {},
               std::string body = {}) {
    return Do(method, path, headers, std::move(body), "");
  }
  int Status(std::string_view method, const std::string& path, const HeaderList& headers = {},
             std::string body = {}) {
    return Visit(method, path, headers, std::move(body)).status;
  }
  int MoveStatus(std::string_view method, const std::string& from, const std::string& to) {
    return Status(method, from, {{"Destination", to}});
  }
  Answer List(const std::string& path, std::string_view depth, std::string_view props) {
    return PropfindAt(path, depth, props, {}, "");
  }
  // Of one resource as a visitor sees it; "(none)": it has no such property.
  std::string Value(const std::string& path, std::string_view property) {
    return ValueIn(List(path, "0", "<" + std::string(property) + "/>"), property);
  }
  // The names below a folder of alice's, as she sees them.
  std::vector<std::string> Names(std::string_view path) {
    std::vector<std::string> names;
    const std::string base = std::string(kHome) + std::string(path) + "/";
    for (const std::string& href : Hrefs(PropfindAt(base, "infinity", "<d:getetag/>")))
      if (href.size() > base.size()) names.push_back(href.substr(base.size()));
    return names;
  }
};

TEST_F(LinksTest, AFolderIsListedAndRead) {
  const auto link = Link("/pub");
  EXPECT_EQ(link.token().size(), 15u);
  EXPECT_THAT(Hrefs(List(At(link), "1", "<d:getetag/>")),
              ElementsAre(At(link, "/"), At(link, "/inner/"), At(link, "/p.txt")));
  EXPECT_THAT(Hrefs(List(At(link, "/inner/"), "1", "<d:getetag/>")),
              ElementsAre(At(link, "/inner/"), At(link, "/inner/q.txt")));
  EXPECT_EQ(Visit("GET", At(link, "/p.txt")).body, "public text\n");
  EXPECT_EQ(Visit("GET", At(link, "/p.txt"), {{"Range", "bytes=0-5"}}).body, "public");
  EXPECT_EQ(Status("HEAD", At(link, "/inner/q.txt")), 200);
  EXPECT_EQ(Status("GET", At(link, "/none.txt")), 404);
  EXPECT_EQ(Status("GET", At(link, "/../secret.txt")), 400);
  EXPECT_EQ(Status("GET", At(link, "/%2e%2e/secret.txt")), 400);
  EXPECT_EQ(Visit("PROPFIND", At(link), {{"Depth", "0"}}).Header("DAV"),
            "1, 3, extended-mkcol, nextcloud-checksum-update, 2");
}

TEST_F(LinksTest, ItTellsWhatItIsAndNothingOfItsOwner) {
  shares::ShareAttributes set;
  set.note = "please <look>";
  const auto link = Link("/pub", set);
  EXPECT_EQ(Value(At(link), "oc:permissions"), "RG");
  EXPECT_EQ(Value(At(link, "/p.txt"), "oc:permissions"), "RG");
  EXPECT_EQ(Value(At(link), "oc:owner-id"), "alice");
  EXPECT_EQ(Value(At(link), "oc:fileid"), Id("/pub"));
  EXPECT_EQ(Value(At(link), "oc:size"), "17");
  EXPECT_EQ(Value(At(link), "nc:note"), "please &lt;look&gt;");
  EXPECT_EQ(Value(At(link), "nc:hide-download"), "false");
  EXPECT_EQ(Value(At(link), "nc:share-attributes"), "[]");
  EXPECT_EQ(Value(At(link), "nc:mount-type"), "");
  EXPECT_EQ(Value(At(link), "d:quota-available-bytes"), "-3");
  for (const std::string_view property :
       {"oc:owner-display-name", "oc:share-types", "nc:sharees", "oc:favorite", "oc:tags",
        "oc:comments-unread", "nc:lock-owner-displayname"})
    EXPECT_EQ(Value(At(link), property), "(none)") << property;
  EXPECT_THAT(Visit("PROPFIND", At(link), {{"Depth", "1"}}).body, Not(HasSubstr("Alice A.")));
}

TEST_F(LinksTest, WhoOnlyReadsWritesNothing) {
  const auto link = Link("/pub");
  const HeaderList to_new = {{"Destination", At(link, "/new.txt")}};
  const std::string before = Etag("/pub");
  EXPECT_EQ(Status("PUT", At(link, "/new.txt"), {}, "x"), 403);
  EXPECT_EQ(Status("PUT", At(link, "/p.txt"), {}, "x"), 403);
  EXPECT_EQ(Status("MKCOL", At(link, "/newd")), 403);
  EXPECT_EQ(Status("DELETE", At(link, "/p.txt")), 403);
  EXPECT_EQ(Status("MOVE", At(link, "/p.txt"), to_new), 403);
  EXPECT_EQ(Status("COPY", At(link, "/p.txt"), to_new), 403);
  EXPECT_EQ(Status("LOCK", At(link, "/p.txt"), {{"Timeout", "Second-60"}},
                   "<d:lockinfo xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope>"
                   "<d:locktype><d:write/></d:locktype></d:lockinfo>"),
            403);
  EXPECT_EQ(Status("DELETE", At(link)), 403);
  EXPECT_EQ(Etag("/pub"), before);
}

TEST_F(LinksTest, WhoMayEditsAsMuchAsTheLinkSays) {
  const auto link = Link("/pub", Says(31));
  EXPECT_EQ(Value(At(link), "oc:permissions"), "RGDNVCK");
  EXPECT_EQ(Value(At(link, "/p.txt"), "oc:permissions"), "RGDNVW");
  const Answer put = Visit("PUT", At(link, "/new.txt"), {}, "new");
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.Header("X-NC-Permissions"), "RGDNVW");
  EXPECT_EQ(put.Header("X-NC-OwnerId"), "");
  EXPECT_EQ(Status("PUT", At(link, "/p.txt"), {}, "other"), 204);
  EXPECT_EQ(Status("MKCOL", At(link, "/newd")), 201);
  EXPECT_EQ(MoveStatus("MOVE", At(link, "/new.txt"), At(link, "/newd/moved.txt")), 201);
  EXPECT_EQ(MoveStatus("COPY", At(link, "/p.txt"), At(link, "/copy.txt")), 201);
  EXPECT_EQ(MoveStatus("COPY", At(link, "/inner"), At(link, "/inner2")), 201);
  EXPECT_EQ(Status("DELETE", At(link, "/inner")), 204);
  EXPECT_THAT(Names("/pub"), testing::UnorderedElementsAre("copy.txt", "inner2/", "inner2/q.txt",
                                                           "newd/", "newd/moved.txt", "p.txt"));
  // It is the owner's trash.
  EXPECT_THAT(Hrefs(PropfindAt("/remote.php/dav/trashbin/alice/trash", "1", "<d:getetag/>")),
              testing::SizeIs(2));
  // Neither the link's node nor anything outside it can be had that way.
  EXPECT_EQ(Status("DELETE", At(link)), 403);
  EXPECT_EQ(MoveStatus("MOVE", At(link), At(link, "/x")), 409);
  for (const std::string& outside :
       {std::string("/remote.php/dav/files/alice/stolen.txt"), At(link, "/../stolen.txt"),
        std::string("/public.php/dav/files/AAAAAAAAAAAAAAA/x.txt")})
    EXPECT_GE(MoveStatus("MOVE", At(link, "/p.txt"), outside), 400) << outside;
  EXPECT_EQ(Visit("GET", At(link, "/p.txt")).body, "other");
}

TEST_F(LinksTest, AnotherLinkIsAnotherTree) {
  const auto one = Link("/pub", Says(31));
  const auto other = Link("/single.txt", Says(19));
  EXPECT_EQ(MoveStatus("COPY", At(one, "/p.txt"), At(other, "/p.txt")), 403);
  const HeaderList legacy = {{"Authorization", Basic(one.token(), "")},
                             {"Destination", At(one, "/copied.txt")}};
  EXPECT_EQ(Status("COPY", std::string(kLegacy) + "/p.txt", legacy), 201);
}

TEST_F(LinksTest, AFileIsTheRootOfItsLink) {
  const auto link = Link("/single.txt");
  EXPECT_THAT(Hrefs(List(At(link), "1", "<d:getetag/>")), ElementsAre(At(link)));
  const Answer got = Visit("GET", At(link));
  EXPECT_EQ(got.body, "single file\n");
  EXPECT_THAT(got.Header("Content-Disposition"), HasSubstr("single.txt"));
  EXPECT_EQ(Status("GET", At(link, "/single.txt")), 404);
  EXPECT_EQ(
      Visit("GET", std::string(kLegacy) + "/", {{"Authorization", Basic(link.token(), "")}}).body,
      "single file\n");
  EXPECT_EQ(Value(At(link), "oc:permissions"), "RG");
  EXPECT_EQ(Status("PUT", At(link), {}, "x"), 403);
  Change(link, Says(31));
  EXPECT_EQ(Value(At(link), "oc:permissions"), "RGNVW");
  EXPECT_EQ(Status("PUT", At(link), {}, "changed"), 204);
  EXPECT_EQ(Visit("GET", At(link)).body, "changed");
  EXPECT_EQ(Status("DELETE", At(link)), 403);
}

TEST_F(LinksTest, Archives) {
  const auto link = Link("/pub");
  const Answer whole = Visit("GET", At(link, "/?accept=zip"));
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.Header("Content-Type"), "application/zip");
  EXPECT_THAT(whole.Header("Content-Disposition"), HasSubstr("pub.zip"));
  EXPECT_THAT(whole.body, HasSubstr("public text"));
  EXPECT_THAT(whole.body, HasSubstr("pub/inner/q.txt"));
  const Answer some = Visit("GET", At(link, "/?accept=zip&files=%5B%22p.txt%22%5D"));
  EXPECT_THAT(some.body, HasSubstr("public text"));
  EXPECT_THAT(some.body, Not(HasSubstr("q.txt")));
  for (const std::string_view name : {"..%2Fsecret.txt", "%2Fsecret.txt", ".."})
    EXPECT_GE(Status("GET", At(link, "/?accept=zip&files=%5B%22" + std::string(name) + "%22%5D")),
              400)
        << name;
}

TEST_F(LinksTest, APasswordIsAskedForOnEveryWay) {
  const auto link = Link("/pub", Says(31, "correct horse"));
  const std::string file = At(link, "/p.txt");
  const auto dav = [&](const HeaderList& headers) { return Status("GET", file, headers); };
  const auto legacy = [&](std::string_view password) {
    return Status("GET", std::string(kLegacy) + "/p.txt",
                  {{"Authorization", Basic(link.token(), password)}});
  };
  EXPECT_EQ(dav({}), 401);
  EXPECT_EQ(dav({{"Authorization", Basic("anonymous", "wrong")}}), 401);
  EXPECT_EQ(dav({{"Authorization", Basic("anonymous", "correct horse")}}), 200);
  EXPECT_EQ(dav({{"Authorization", Basic("whoever", "correct horse")}}), 200);
  EXPECT_EQ(dav({{"Authorization", Basic("", "correct horse")}}), 200);
  EXPECT_EQ(legacy(""), 401);
  EXPECT_EQ(legacy("wrong"), 401);
  EXPECT_EQ(legacy("correct horse"), 200);
  EXPECT_EQ(Status("GET", std::string(kLegacy) + "/p.txt"), 401);
  // A login of this server opens no link.
  EXPECT_EQ(Do("GET", file).status, 401);
  for (const std::string_view method : {"PROPFIND", "PUT", "DELETE", "MKCOL", "MOVE", "COPY",
                                        "PROPPATCH", "LOCK", "UNLOCK", "OPTIONS", "HEAD"})
    EXPECT_EQ(Status(method, file), 401) << method;
  EXPECT_EQ(Status("GET", At(link, "/?accept=zip")), 401);

  // The cookie of the page.
  const std::string pass = links_->PassOf(link).value();
  const std::string cookie = "cairn_link_" + link.token() + "=" + pass;
  EXPECT_EQ(dav({{"Cookie", cookie}}), 200);
  EXPECT_EQ(dav({{"Cookie", "cairn_link_" + link.token() + "=00" + pass.substr(2)}}), 401);
  EXPECT_EQ(Status("PUT", At(link, "/up.txt"), {{"Cookie", cookie}}, "x"), 201);
  EXPECT_EQ(Status("PUT", At(link, "/up.txt"),
                   {{"Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}}, "x"),
            401);

  // Another password: nothing of before opens any more.
  Change(link, {.password_hash =
                    auth::HashPassword("another one", auth::PasswordCost::Minimum()).value()});
  EXPECT_EQ(dav({{"Authorization", Basic("anonymous", "correct horse")}}), 401);
  EXPECT_EQ(dav({{"Cookie", cookie}}), 401);
  EXPECT_EQ(dav({{"Authorization", Basic("anonymous", "another one")}}), 200);
  Change(link, {.password_hash = ""});
  EXPECT_EQ(dav({}), 200);
}

TEST_F(LinksTest, TheChallengeIsForThoseWhoCanAnswerIt) {
  const auto link = Link("/pub", Says(17, "correct horse"));
  const Answer plain = Visit("PROPFIND", At(link));
  EXPECT_THAT(plain.Header("WWW-Authenticate"), HasSubstr("Basic"));
  const Answer script = Visit("PROPFIND", At(link), {{"X-Requested-With", "XMLHttpRequest"}});
  EXPECT_EQ(script.status, 401);
  EXPECT_EQ(script.Header("WWW-Authenticate"), "");
}

TEST_F(LinksTest, GuessesAreCountedPerLinkAndSource) {
  const auto link = Link("/pub", Says(17, "correct horse"));
  const auto other = Link("/pub", Says(17, "correct horse"));
  const auto knock = [&](const storage::Share& share, std::string_view password,
                         std::string_view remote) {
    const shares::Knock given{share.token(), std::string(password), {}, std::string(remote)};
    const auto entered = links_->CheckSlow(given, *kv().Published());
    return entered.has_value() ? ErrorCode::kCancelled : entered.error().code;
  };
  EXPECT_EQ(knock(link, "correct horse", "192.0.2.9"), ErrorCode::kCancelled);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(knock(link, "wrong", "192.0.2.1"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(knock(link, "wrong", "192.0.2.1"), ErrorCode::kThrottled);
  EXPECT_EQ(knock(link, "right but not asked", "192.0.2.1"), ErrorCode::kThrottled);
  EXPECT_EQ(knock(other, "wrong", "192.0.2.1"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(knock(link, "wrong", "192.0.2.2"), ErrorCode::kUnauthenticated);
  // Who is known goes on.
  EXPECT_EQ(knock(link, "correct horse", "192.0.2.1"), ErrorCode::kCancelled);
  // At most 30 in any hour (G3).
  int more = 0;
  for (int minute = 0; minute < 60; ++minute) {
    clock_.Advance(std::chrono::minutes(1));
    for (int i = 0; i < 5; ++i)
      more += knock(link, "wrong", "192.0.2.1") == ErrorCode::kUnauthenticated ? 1 : 0;
  }
  EXPECT_EQ(more, 20);
}

TEST_F(LinksTest, UnknownTokensAreCountedPerSource) {
  const auto knock = [&](const std::string& token) {
    const auto entered = links_->CheckSlow({token, {}, {}, "192.0.2.1"}, *kv().Published());
    return entered.error().code;
  };
  for (int i = 0; i < 60; ++i) EXPECT_EQ(knock("AAAAAAAAAAAAAAA"), ErrorCode::kNotFound);
  EXPECT_EQ(knock("AAAAAAAAAAAAAAA"), ErrorCode::kThrottled);
}

TEST_F(LinksTest, ALinkThatDoesNotOpenIsOneThatIsNot) {
  const std::vector<std::string> paths = {"/public.php/dav/files/AAAAAAAAAAAAAAA",
                                          "/public.php/dav/files/x", "/public.php/dav/files/%00"};
  for (const std::string& path : paths)
    EXPECT_THAT(Status("PROPFIND", path), testing::AnyOf(404, 400)) << path;
  EXPECT_EQ(Status("PROPFIND", std::string(kLegacy), {{"Authorization", Basic("nosuch", "")}}),
            401);
  EXPECT_EQ(Status("PROPFIND", "/public.php/dav"), 404);
  EXPECT_EQ(Status("PROPFIND", "/public.php/dav/files"), 404);

  const std::string gone = Visit("GET", "/public.php/dav/files/AAAAAAAAAAAAAAA/p.txt").body;
  const auto expect_gone = [&](const storage::Share& link, const char* why) {
    const Answer answer = Visit("GET", At(link, "/p.txt"));
    EXPECT_EQ(answer.status, 404) << why;
    EXPECT_EQ(answer.body, gone) << why;
  };
  const auto over = Link("/pub", {.expires = clock_.NowSeconds() + 60});
  EXPECT_EQ(Status("GET", At(over, "/p.txt")), 200);
  clock_.Advance(std::chrono::minutes(1));
  expect_gone(over, "expired");
  const auto ended = Link("/pub");
  End(ended);
  expect_gone(ended, "ended");
  const auto off = Link("/pub");
  links_->SetOpen(false);
  expect_gone(off, "links are off");
  links_->SetOpen(true);
  EXPECT_EQ(Status("GET", At(off, "/p.txt")), 200);
  ASSERT_TRUE(users_->SetDisabled(alice().caller.user, true).has_value());
  expect_gone(off, "its maker is disabled");
  ASSERT_TRUE(users_->SetDisabled(alice().caller.user, false).has_value());
}

TEST_F(LinksTest, ItFollowsItsNodeAndDiesWithIt) {
  const auto link = Link("/pub");
  const HeaderList to = {{"Destination", std::string(kHome) + "/renamed"}};
  EXPECT_EQ(Do("MOVE", std::string(kHome) + "/pub", to).status, 201);
  EXPECT_EQ(Visit("GET", At(link, "/p.txt")).body, "public text\n");
  // Another folder of the old name is not shared (T-32).
  Mkcol("/pub");
  Put("/pub/private.txt", "private");
  EXPECT_EQ(Status("GET", At(link, "/private.txt")), 404);
  EXPECT_EQ(Do("DELETE", std::string(kHome) + "/renamed").status, 204);
  EXPECT_EQ(Status("GET", At(link, "/p.txt")), 404);
}

TEST_F(LinksTest, WithheldBytes) {
  shares::ShareAttributes set;
  set.attributes = R"([{"scope":"permissions","key":"download","value":false}])";
  set.no_download = true;
  const auto link = Link("/pub", set);
  EXPECT_THAT(Hrefs(List(At(link), "1", "<d:getetag/>")), testing::SizeIs(3));
  EXPECT_EQ(Status("GET", At(link, "/p.txt")), 403);
  EXPECT_EQ(Status("GET", At(link, "/?accept=zip")), 403);
  EXPECT_EQ(Value(At(link, "/p.txt"), "oc:checksums"), "(none)");
  // What only hides the buttons of the page hides nothing here.
  const auto hidden = Link("/pub", {.hide_download = true});
  EXPECT_EQ(Status("GET", At(hidden, "/p.txt")), 200);
  EXPECT_EQ(Value(At(hidden, "/p.txt"), "nc:hide-download"), "true");
}

TEST_F(LinksTest, LocksBelongToTheLink) {
  const auto link = Link("/pub", Says(31));
  const auto other = Link("/pub", Says(31));
  const std::string lock =
      "<d:lockinfo xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope><d:locktype>"
      "<d:write/></d:locktype></d:lockinfo>";
  const Answer locked = Visit("LOCK", At(link, "/p.txt"), {{"Timeout", "Second-600"}}, lock);
  ASSERT_EQ(locked.status, 200);
  const HeaderList with = {{"If", "(<" + TokenOf(locked) + ">)"}};
  EXPECT_EQ(Status("PUT", At(link, "/p.txt"), {}, "x"), 423);
  EXPECT_EQ(Status("PUT", At(other, "/p.txt"), with, "x"), 423);
  EXPECT_EQ(Do("PUT", std::string(kHome) + "/pub/p.txt", with, "x").status, 423);
  EXPECT_THAT(Do("PUT", std::string(kHome) + "/pub/p.txt", {}, "x").body,
              HasSubstr("somebody who has a link"));
  EXPECT_EQ(Status("PUT", At(link, "/p.txt"), with, "x"), 204);
  EXPECT_THAT(List(At(link, "/p.txt"), "0", "<d:lockdiscovery/>").body, HasSubstr(TokenOf(locked)));
  EXPECT_THAT(List(At(other, "/p.txt"), "0", "<d:lockdiscovery/>").body,
              Not(HasSubstr(TokenOf(locked))));
  EXPECT_EQ(Status("UNLOCK", At(link, "/p.txt"), {{"Lock-Token", locked.Header("Lock-Token")}}),
            204);
}

TEST_F(LinksTest, AFavouriteIsAUsersAffair) {
  const auto link = Link("/pub", Says(31));
  const std::string patch =
      "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\"><d:set><d:prop>"
      "<oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>";
  EXPECT_THAT(Visit("PROPPATCH", At(link, "/p.txt"), {}, patch).body, HasSubstr("403 Forbidden"));
  EXPECT_THAT(PropfindAt(std::string(kHome) + "/pub/p.txt", "0", "<oc:favorite/>").body,
              HasSubstr("<oc:favorite>0</oc:favorite>"));
  // The tree refuses it whatever a handler lets through.
  storage::Caller visitor;
  visitor.link = ShareId{link.id()};
  visitor.link_version = link.version();
  const storage::WriteContext context{.caller = visitor};
  const storage::TreePath path{alice().home, {"p.txt"}, Stat("/pub").id()};
  storage::PropertiesPatch star;
  star.favorite = true;
  auto body = [&](storage::KvTxn& txn) {
    return storage::PatchProperties(engine_->tree(), txn, context, path, star);
  };
  const auto patched = storage::CommitBlocking(kv(), {storage::SpaceKey(path.home)}, body);
  ASSERT_TRUE(patched.has_error());
  EXPECT_EQ(patched.error().code, ErrorCode::kForbidden);
}

TEST_F(LinksTest, ItsBytesAreItsOwners) {
  SetQuota("100 B");
  const auto link = Link("/pub", Says(31));
  EXPECT_EQ(Status("PUT", At(link, "/big.bin"), {}, std::string(90, 'x')), 507);
  EXPECT_EQ(Status("PUT", At(link, "/small.bin"), {}, std::string(9, 'x')), 201);
}

class DropTest : public LinksTest {
 protected:
  DropTest() {
    Mkcol("/drop");
    link_ = Link("/drop", Says(4));
  }
  Answer Drop(std::string_view path, std::string body, const HeaderList& headers = {}) {
    return Visit("PUT", At(link_, path), headers, std::move(body));
  }
  storage::Share link_;
};

TEST_F(DropTest, EverythingIsTakenAndNothingReplaced) {
  EXPECT_EQ(Drop("/up.txt", "one").status, 201);
  EXPECT_EQ(Drop("/up.txt", "two").status, 201);
  EXPECT_EQ(Drop("/up.txt", "three").status, 201);
  EXPECT_EQ(Drop("/deep/dir/up.txt", "four").status, 201);
  EXPECT_EQ(Drop("/deep/dir/up.txt", "five").status, 201);
  // A folder cannot stand where a file does.
  EXPECT_EQ(Drop("/up.txt/inside.txt", "six").status, 201);
  EXPECT_EQ(Drop("/deep", "seven").status, 201);
  EXPECT_THAT(Names("/drop"), testing::UnorderedElementsAre(
                                  "up.txt", "up%20(2).txt", "up%20(3).txt", "deep/", "deep/dir/",
                                  "deep/dir/up.txt", "deep/dir/up%20(2).txt", "up%20(4).txt/",
                                  "up%20(4).txt/inside.txt", "deep%20(2)"));
  EXPECT_EQ(Do("GET", std::string(kHome) + "/drop/up.txt").body, "one");
  EXPECT_EQ(Do("GET", std::string(kHome) + "/drop/up%20(2).txt").body, "two");
}

// T-29: byte by byte the same, but for the etag, which is another one for every file.
TEST_F(DropTest, WhetherANameExistsIsNotTold) {
  const auto told = [&](Answer answer) {
    std::string all = std::to_string(answer.status) + answer.body;
    for (const auto& [name, value] : answer.headers.fields())
      if (name != "ETag" && name != "OC-ETag") all += "\n" + name + ": " + value;
    return all;
  };
  Put("/drop/there.txt", "of the owner");
  Mkcol("/drop/folder");
  const std::string fresh = told(Drop("/fresh.txt", "x"));
  EXPECT_THAT(fresh, testing::StartsWith("201"));
  EXPECT_THAT(fresh, Not(HasSubstr("OC-FileId")));
  EXPECT_THAT(fresh, Not(HasSubstr("Permissions")));
  for (const std::string_view path :
       {"/there.txt", "/folder", "/folder/new.txt", "/nofolder/new.txt", "/there.txt/new.txt"})
    EXPECT_EQ(told(Drop(path, "x")), fresh) << path;
  for (const HeaderList& condition :
       std::vector<HeaderList>{{{"If-None-Match", "*"}},
                               {{"If-Match", "*"}},
                               {{"If-Match", "\"x\""}},
                               {{"If", "([\"x\"])"}},
                               {{"If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}}}) {
    EXPECT_EQ(told(Drop("/there.txt", "x", condition)), fresh);
    EXPECT_EQ(told(Drop("/never" + condition.front().first + ".txt", "x", condition)), fresh);
  }
  for (const std::string_view method :
       {"GET", "HEAD", "PROPFIND", "DELETE", "MOVE", "COPY", "PROPPATCH", "LOCK", "UNLOCK",
        "REPORT", "MKCOL", "OPTIONS", "POST", "PATCH"}) {
    const auto at = [&](std::string_view path) {
      return told(Visit(method, At(link_, path), {{"Destination", At(link_, "/z.txt")}}));
    };
    EXPECT_EQ(at("/there.txt"), at("/missing.txt")) << method;
    EXPECT_EQ(at("/folder"), at("/missing.txt")) << method;
  }
}

TEST_F(DropTest, NothingIsSeen) {
  Put("/drop/there.txt", "of the owner");
  for (const std::string_view method : {"PROPFIND", "DELETE", "MOVE", "COPY", "REPORT", "LOCK"}) {
    EXPECT_EQ(Status(method, At(link_)), 405) << method;
    EXPECT_EQ(Status(method, At(link_, "/there.txt")), 405) << method;
  }
  EXPECT_EQ(Status("GET", At(link_, "/there.txt")), 404);
  EXPECT_EQ(Status("GET", At(link_, "/?accept=zip")), 404);
  EXPECT_EQ(Status("MKCOL", At(link_, "/newd")), 201);
  EXPECT_THAT(Names("/drop"), ElementsAre("there.txt"));
}

TEST_F(DropTest, WhoDropsMaySayWhoHeIs) {
  EXPECT_EQ(Drop("/up.txt", "x", {{"X-NC-Nickname", "Jane%20Doe"}}).status, 201);
  EXPECT_EQ(Drop("/up.txt", "y", {{"X-NC-Nickname", "Jane%20Doe"}}).status, 201);
  EXPECT_THAT(Names("/drop"),
              ElementsAre("Jane%20Doe/", "Jane%20Doe/up%20(2).txt", "Jane%20Doe/up.txt"));
  for (const std::string_view bad : {"a/b", "..", "%2e%2e", "a%2fb", "", ".htaccess", "a%00b"})
    EXPECT_EQ(Drop("/up.txt", "x", {{"X-NC-Nickname", std::string(bad)}}).status, 400) << bad;
  shares::ShareAttributes asks;
  asks.attributes = R"([{"scope":"fileRequest","key":"enabled","value":true}])";
  asks.asks_name = true;
  Change(link_, asks);
  EXPECT_EQ(Drop("/r.txt", "x").status, 400);
  EXPECT_EQ(Drop("/r.txt", "x", {{"X-NC-Nickname", "Jane"}}).status, 201);
}

TEST_F(DropTest, BadDrops) {
  EXPECT_EQ(Drop("", "x").status, 400);
  EXPECT_EQ(Drop("/", "x").status, 400);
  EXPECT_EQ(Drop("/.htaccess", "x").status, 400);
  EXPECT_EQ(Drop("/%2e%2e/x.txt", "x").status, 400);
  EXPECT_EQ(Drop("/x.txt", "x", {{"Content-Range", "bytes 0-1/2"}}).status, 400);
  EXPECT_EQ(Drop("/x.txt", "x", {{"OC-Checksum", "MD5:00000000000000000000000000000000"}}).status,
            400);
  EXPECT_THAT(Names("/drop"), testing::IsEmpty());
  SetQuota("64 B");
  EXPECT_EQ(Drop("/big.bin", std::string(1000, 'x')).status, 507);
}

TEST_F(DropTest, ALegacyClientDropsToo) {
  const HeaderList login = {{"Authorization", Basic(link_.token(), "")}};
  EXPECT_EQ(Status("PUT", std::string(kLegacy) + "/legacy.txt", login, "x"), 201);
  EXPECT_EQ(Status("PROPFIND", std::string(kLegacy) + "/", login), 405);
  EXPECT_THAT(Names("/drop"), ElementsAre("legacy.txt"));
}

}  // namespace
}  // namespace cairn::dav
