// What others share, on the wire: where it stands, what it shows, what may be done with it.
#include "tests/dav/dav_fixture.h"
#include "tests/support/archive_reader.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr std::string_view kBob = "/remote.php/dav/files/bob";

class SharesTest : public DavCase {
 protected:
  SharesTest() {
    bob_ = PrincipalOf("bob");
    Mkcol("/shr");
    Mkcol("/shr/sub");
    Put("/shr/a.txt", "shared text");
    Put("/one.txt", "one");
  }

  ShareId Share(std::string_view path, storage::Permissions permissions = 31) {
    shares::NewShare request;
    request.recipient = bob_.caller.user;
    request.set.permissions = permissions;
    return ShareId{MakeShare(path, std::move(request)).id()};
  }
  void Change(ShareId share, const shares::ShareAttributes& change) {
    const auto done = shares_->Update(alice().caller, share, change);
    EXPECT_TRUE(done.has_value() && !done->refused);
  }
  Answer AsBob(std::string_view method, std::string_view path, const HeaderList& headers = {},
               std::string body = {}) {
    return Do(method, std::string(kBob) + std::string(path), headers, std::move(body), "bob");
  }
  Answer MoveAsBob(std::string_view method, std::string_view from, std::string_view to) {
    return AsBob(method, from, {{"Destination", std::string(kBob) + std::string(to)}});
  }
  Answer List(std::string_view path, std::string_view depth, std::string_view props) {
    return PropfindAt(std::string(kBob) + std::string(path), depth, props, {}, "bob");
  }
  // The value of a property of one resource.
  std::string Value(std::string_view path, std::string_view property) {
    return ValueIn(List(path, "0", "<" + std::string(property) + "/>"), property);
  }

  auth::Principal bob_;
};

TEST_F(SharesTest, AMountIsAMemberOfTheRoot) {
  EXPECT_THAT(Hrefs(List("/", "1", "<d:getetag/>")), ElementsAre(std::string(kBob) + "/"));
  Share("/shr");
  Share("/one.txt", 19);
  EXPECT_EQ(AsBob("MKCOL", "/own").status, 201);
  EXPECT_THAT(Hrefs(List("/", "1", "<d:getetag/>")),
              ElementsAre(std::string(kBob) + "/", std::string(kBob) + "/own/",
                          std::string(kBob) + "/one.txt", std::string(kBob) + "/shr/"));
  EXPECT_THAT(Hrefs(List("/shr", "1", "<d:getetag/>")),
              ElementsAre(std::string(kBob) + "/shr/", std::string(kBob) + "/shr/a.txt",
                          std::string(kBob) + "/shr/sub/"));
  EXPECT_THAT(
      Hrefs(List("/", "infinity", "<d:getetag/>")),
      UnorderedElementsAre(std::string(kBob) + "/", std::string(kBob) + "/own/",
                           std::string(kBob) + "/one.txt", std::string(kBob) + "/shr/",
                           std::string(kBob) + "/shr/a.txt", std::string(kBob) + "/shr/sub/"));
}

TEST_F(SharesTest, ItShowsWhoseItIs) {
  const ShareId share = Share("/shr");
  Change(share, {.note = "please <look>"});
  EXPECT_EQ(Value("/shr", "oc:owner-id"), "alice");
  EXPECT_EQ(Value("/shr/a.txt", "oc:owner-display-name"), "Alice A.");
  EXPECT_EQ(Value("/shr", "oc:fileid"), Id("/shr"));
  EXPECT_EQ(Value("/shr", "nc:mount-type"), "shared");
  EXPECT_EQ(Value("/shr/sub", "nc:mount-type"), "shared");
  EXPECT_EQ(Value("/shr", "nc:is-mount-root"), "true");
  EXPECT_EQ(Value("/shr/a.txt", "nc:is-mount-root"), "false");
  EXPECT_EQ(Value("/shr", "nc:note"), "please &lt;look&gt;");
  EXPECT_EQ(Value("/shr", "nc:hide-download"), "false");
  EXPECT_EQ(Value("/", "oc:owner-id"), "bob");
  EXPECT_EQ(Value("/", "nc:note"), "(none)");
  EXPECT_EQ(Value("/", "oc:size"), "11");
  const std::string of_owner =
      PropfindAt(std::string(kHome) + "/shr", "0", "<oc:share-types/><nc:sharees/>").body;
  EXPECT_THAT(of_owner, HasSubstr("<oc:share-type>0</oc:share-type>"));
  EXPECT_THAT(of_owner,
              HasSubstr("<nc:sharee><nc:id>bob</nc:id><nc:display-name>bob</nc:display-name>"
                        "<nc:type>0</nc:type></nc:sharee>"));
  EXPECT_THAT(List("/shr", "0", "<nc:sharees/>").body, Not(HasSubstr("nc:sharee>")));
}

TEST_F(SharesTest, LettersAreTheRecordedOnes) {
  struct Row {
    storage::Permissions mask;
    const char *mount, *folder, *file;
  };
  const ShareId share = Share("/shr");
  for (const Row& row : {
           Row{1, "SGDN", "SG", "SG"},
           Row{3, "SGDNV", "SGNV", "SGNVW"},
           Row{5, "SGDNCK", "SGCK", "SG"},
           Row{7, "SGDNVCK", "SGNVCK", "SGNVW"},
           Row{9, "SGDN", "SGD", "SGD"},
           Row{13, "SGDNCK", "SGDNCK", "SGDN"},
           Row{15, "SGDNVCK", "SGDNVCK", "SGDNVW"},
           Row{17, "SRGDN", "SRG", "SRG"},
           Row{31, "SRGDNVCK", "SRGDNVCK", "SRGDNVW"},
       }) {
    Change(share, {.permissions = row.mask});
    EXPECT_EQ(Value("/shr", "oc:permissions"), row.mount) << row.mask;
    EXPECT_EQ(Value("/shr/sub", "oc:permissions"), row.folder) << row.mask;
    EXPECT_EQ(Value("/shr/a.txt", "oc:permissions"), row.file) << row.mask;
  }
  const ShareId file = Share("/one.txt", 1);
  EXPECT_EQ(Value("/one.txt", "oc:permissions"), "SGDN");
  Change(file, {.permissions = 3});
  EXPECT_EQ(Value("/one.txt", "oc:permissions"), "SGDNVW");
}

TEST_F(SharesTest, WritingGoesToTheOwner) {
  Share("/shr");
  const Answer put = AsBob("PUT", "/shr/b.txt", {}, "of bob");
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.headers.Get("X-NC-Permissions"), "SRGDNVW");
  EXPECT_EQ(Ask("GET", "/shr/b.txt").body, "of bob");
  EXPECT_EQ(AsBob("GET", "/shr/b.txt").body, "of bob");
  EXPECT_EQ(AsBob("MKCOL", "/shr/new").status, 201);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr/b.txt", "/shr/new/c.txt").status, 201);
  EXPECT_EQ(MoveAsBob("COPY", "/shr/new", "/mine").status, 201);
  EXPECT_EQ(AsBob("GET", "/mine/c.txt").body, "of bob");
  EXPECT_EQ(MoveAsBob("COPY", "/mine", "/shr/theirs").status, 201);
  EXPECT_EQ(Ask("GET", "/shr/theirs/c.txt").body, "of bob");
  EXPECT_EQ(MoveAsBob("MOVE", "/shr/theirs/c.txt", "/out.txt").status, 201);
  EXPECT_EQ(AsBob("GET", "/out.txt").body, "of bob");
  EXPECT_EQ(Ask("GET", "/shr/theirs/c.txt").status, 404);
  EXPECT_EQ(AsBob("DELETE", "/shr/new").status, 204);
  EXPECT_EQ(Ask("GET", "/shr/new/c.txt").status, 404);
  EXPECT_THAT(PropfindAt("/remote.php/dav/trashbin/alice/trash", "1", "<d:getetag/>").body,
              HasSubstr("new.d"));
}

TEST_F(SharesTest, ArchivesHoldWhatIsMounted) {
  Share("/shr");
  EXPECT_EQ(AsBob("MKCOL", "/own").status, 201);
  EXPECT_EQ(AsBob("PUT", "/own/mine.txt", {}, "of bob").status, 201);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr", "/own/theirs").status, 201);
  const auto names = [&](std::string_view path) {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : ReadArchiveBytes(AsBob("GET", path).body).files)
      names.push_back(name);
    return names;
  };
  const std::vector<std::string> own = names("/own?accept=zip");
  EXPECT_THAT(own, testing::IsSupersetOf({"own/mine.txt", "own/theirs/a.txt"}));
  EXPECT_THAT(names("/own?accept=zip&files=%5B%22theirs%22%5D"),
              testing::IsSupersetOf({"theirs/a.txt"}));
  EXPECT_THAT(names("/?accept=zip"), testing::IsSupersetOf({"own/theirs/a.txt"}));
  // Not what is withheld.
  const ShareId file = Share("/one.txt", 19);
  Change(file, {.attributes = "[]", .no_download = true});
  EXPECT_THAT(names("/?accept=zip"), Not(testing::Contains("one.txt")));
}

TEST_F(SharesTest, FavouritesInWhatIsMounted) {
  const ShareId share = Share("/shr");
  const auto star = [&](std::string_view path) {
    return AsBob("PROPPATCH", path, {},
                 "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\"><d:set>"
                 "<d:prop><oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>")
        .status;
  };
  const auto report = [&](std::string_view path) {
    return AsBob("REPORT", path, {},
                 "<oc:filter-files xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\"><d:prop>"
                 "<oc:permissions/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite>"
                 "</oc:filter-rules></oc:filter-files>");
  };
  EXPECT_EQ(AsBob("MKCOL", "/own").status, 201);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr", "/own/theirs").status, 201);
  EXPECT_EQ(star("/own/theirs"), 207);
  EXPECT_EQ(star("/own/theirs/a.txt"), 207);
  const std::string theirs = std::string(kBob) + "/own/theirs";
  EXPECT_THAT(Hrefs(report("/")), UnorderedElementsAre(theirs, theirs + "/a.txt"));
  EXPECT_THAT(Hrefs(report("/own")), UnorderedElementsAre(theirs, theirs + "/a.txt"));
  EXPECT_THAT(Hrefs(report("/own/theirs")), ElementsAre(theirs + "/a.txt"));
  EXPECT_THAT(report("/").body, HasSubstr("<oc:permissions>SRGDNVCK</oc:permissions>"));
  EXPECT_EQ(AsBob("MKCOL", "/other").status, 201);
  EXPECT_THAT(Hrefs(report("/other")), testing::IsEmpty());
  // Its owner has other favourites, and what has ended is none.
  EXPECT_THAT(Ask("REPORT", "/", {},
                  "<oc:filter-files xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\">"
                  "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules>"
                  "</oc:filter-files>")
                  .body,
              Not(HasSubstr("<d:response>")));
  EXPECT_TRUE(shares_->Remove(alice().caller, share).has_value());
  EXPECT_THAT(Hrefs(report("/")), testing::IsEmpty());
}

TEST_F(SharesTest, WhatIsNotGrantedIsForbidden) {
  Share("/shr", 1);
  EXPECT_EQ(AsBob("MKCOL", "/own").status, 201);
  EXPECT_EQ(AsBob("PUT", "/own/x.txt", {}, "x").status, 201);
  EXPECT_EQ(AsBob("PUT", "/shr/new.txt", {}, "x").status, 403);
  EXPECT_EQ(AsBob("PUT", "/shr/a.txt", {}, "x").status, 403);
  EXPECT_EQ(AsBob("MKCOL", "/shr/new").status, 403);
  EXPECT_EQ(AsBob("DELETE", "/shr/a.txt").status, 403);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr/a.txt", "/shr/b.txt").status, 403);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr/a.txt", "/out.txt").status, 403);
  EXPECT_EQ(MoveAsBob("COPY", "/own/x.txt", "/shr/x.txt").status, 403);
  EXPECT_EQ(MoveAsBob("MOVE", "/own/x.txt", "/shr/x.txt").status, 403);
  EXPECT_EQ(MoveAsBob("COPY", "/shr/a.txt", "/copied.txt").status, 201);
  EXPECT_EQ(AsBob("GET", "/shr/a.txt").body, "shared text");
  EXPECT_EQ(AsBob("GET", "/shr/missing.txt").status, 404);
  EXPECT_EQ(Ask("GET", "/shr/a.txt").body, "shared text");
}

TEST_F(SharesTest, AMountIsRenamedMovedAndLeft) {
  Share("/shr", 1);
  EXPECT_EQ(AsBob("MKCOL", "/in").status, 201);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr", "/called").status, 201);
  EXPECT_EQ(AsBob("GET", "/called/a.txt").body, "shared text");
  EXPECT_EQ(AsBob("GET", "/shr/a.txt").status, 404);
  EXPECT_EQ(Ask("GET", "/shr/a.txt").body, "shared text");
  EXPECT_EQ(MoveAsBob("MOVE", "/called", "/in/called").status, 201);
  EXPECT_THAT(Hrefs(List("/in", "1", "<d:getetag/>")),
              ElementsAre(std::string(kBob) + "/in/", std::string(kBob) + "/in/called/"));
  EXPECT_EQ(MoveAsBob("MOVE", "/in/called", "/in").status, 403);
  EXPECT_EQ(MoveAsBob("MOVE", "/in/called", "/nowhere/called").status, 409);
  EXPECT_EQ(AsBob("DELETE", "/in/called").status, 204);
  EXPECT_EQ(AsBob("GET", "/in/called/a.txt").status, 404);
  EXPECT_EQ(Ask("GET", "/shr/a.txt").body, "shared text");
  EXPECT_THAT(PropfindAt("/remote.php/dav/trashbin/alice/trash", "1", "<d:getetag/>").body,
              Not(HasSubstr("shr")));
}

TEST_F(SharesTest, BytesThatAreWithheldLeaveByNoDoor) {
  Ask("PUT", "/shr/a.txt", {}, "another text");  // a version
  const ShareId share = Share("/shr");
  const std::string versions = "/remote.php/dav/versions/bob/versions/" + Id("/shr/a.txt");
  const auto listed = Hrefs(PropfindAt(versions, "1", "<d:getetag/>", {}, "bob"));
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(Do("GET", listed.back(), {}, {}, "bob").status, 200);
  Change(share, {.attributes = "[]", .no_download = true});
  EXPECT_EQ(AsBob("GET", "/shr/a.txt").status, 403);
  EXPECT_EQ(AsBob("HEAD", "/shr/a.txt").status, 403);
  EXPECT_EQ(AsBob("GET", "/shr/a.txt", {{"Range", "bytes=0-1"}}).status, 403);
  EXPECT_EQ(AsBob("GET", "/shr", {{"Accept", "application/zip"}}).status, 403);
  EXPECT_EQ(MoveAsBob("COPY", "/shr/a.txt", "/copy.txt").status, 403);
  EXPECT_EQ(MoveAsBob("COPY", "/shr", "/copy").status, 403);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr/a.txt", "/moved.txt").status, 403);
  EXPECT_EQ(Do("GET", listed.back(), {}, {}, "bob").status, 403);
  EXPECT_EQ(
      Do("COPY", listed.back(), {{"Destination", std::string(kBob) + "/v.txt"}}, {}, "bob").status,
      403);
  EXPECT_EQ(List("/shr", "1", "<d:getetag/>").status, 207);
  EXPECT_EQ(MoveAsBob("MOVE", "/shr/a.txt", "/shr/sub/a.txt").status, 201);
  EXPECT_EQ(Ask("GET", "/shr/sub/a.txt").body, "another text");
}

TEST_F(SharesTest, WhoMayNotDeleteDeletesNoVersion) {
  Ask("PUT", "/shr/a.txt", {}, "another text");
  Share("/shr", 3);
  const std::string versions = "/remote.php/dav/versions/bob/versions/" + Id("/shr/a.txt");
  const auto listed = Hrefs(PropfindAt(versions, "1", "<d:getetag/>", {}, "bob"));
  ASSERT_EQ(listed.size(), 3u);
  for (const std::string& version : {listed[1], listed[2]}) {
    const Answer answer = Do("DELETE", version, {}, {}, "bob");
    EXPECT_EQ(answer.status, 403);
    EXPECT_THAT(answer.body, HasSubstr("you do not have delete permissions on the source file"));
  }
  EXPECT_EQ(Do("GET", listed.back(), {}, {}, "bob").body, "shared text");
}

TEST_F(SharesTest, AStrangersIdsOpenNothing) {
  const std::string versions = "/remote.php/dav/versions/bob/versions/" + Id("/shr/a.txt");
  EXPECT_EQ(PropfindAt(versions, "1", "<d:getetag/>", {}, "bob").status, 404);
  const ShareId share = Share("/shr");
  EXPECT_EQ(PropfindAt(versions, "1", "<d:getetag/>", {}, "bob").status, 207);
  ASSERT_TRUE(shares_->Remove(alice().caller, share).has_value());
  EXPECT_EQ(PropfindAt(versions, "1", "<d:getetag/>", {}, "bob").status, 404);
  EXPECT_EQ(AsBob("GET", "/shr/a.txt").status, 404);
}

TEST_F(SharesTest, EtagsChangeWhenAndOnlyWhenTheListingDoes) {
  const auto etag = [&](std::string_view path) { return Value(path, "d:getetag"); };
  EXPECT_EQ(AsBob("MKCOL", "/own").status, 201);
  const std::string alone = etag("/");
  const ShareId share = Share("/shr");
  const std::string mounted = etag("/");
  EXPECT_NE(mounted, alone);
  const std::string own = etag("/own");
  const std::string folder = etag("/shr");
  EXPECT_EQ(etag("/shr/a.txt"), "&quot;" + Etag("/shr/a.txt") + "&quot;");
  EXPECT_NE(folder, "&quot;" + Etag("/shr") + "&quot;");
  Put("/one.txt", "not shared");
  EXPECT_EQ(etag("/"), mounted);
  Put("/shr/sub/new.txt", "x");
  EXPECT_NE(etag("/shr"), folder);
  EXPECT_NE(etag("/"), mounted);
  EXPECT_EQ(etag("/own"), own);
  const std::string before = etag("/");
  Change(share, {.permissions = 1});
  EXPECT_NE(etag("/"), before);
  ASSERT_TRUE(shares_->Remove(alice().caller, share).has_value());
  EXPECT_EQ(etag("/"), alone);
  // The root says the same in the listing of the tree above it.
  Share("/shr");
  EXPECT_THAT(PropfindAt("/remote.php/dav/files/", "1", "<d:getetag/>", {}, "bob").body,
              HasSubstr(etag("/")));
}

TEST_F(SharesTest, LocksHoldForEverybody) {
  Share("/shr");
  const Answer lock = Lock("/shr/a.txt");
  EXPECT_EQ(lock.status, 200);
  EXPECT_EQ(AsBob("PUT", "/shr/a.txt", {}, "x").status, 423);
  EXPECT_THAT(AsBob("PUT", "/shr/a.txt", {}, "x").body, Not(HasSubstr(TokenOf(lock))));
  EXPECT_THAT(List("/shr/a.txt", "0", "<d:lockdiscovery/>").body, Not(HasSubstr(TokenOf(lock))));
  EXPECT_EQ(AsBob("UNLOCK", "/shr/a.txt", {{"Lock-Token", "<" + TokenOf(lock) + ">"}}).status, 403);
  const std::string body =
      "<d:lockinfo xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/>"
      "</d:locktype></d:lockinfo>";
  const Answer of_bob = AsBob("LOCK", "/shr/sub", {{"Depth", "infinity"}}, body);
  EXPECT_EQ(of_bob.status, 200);
  EXPECT_THAT(of_bob.body, HasSubstr("<d:href>" + std::string(kBob) + "/shr/sub/</d:href>"));
  EXPECT_EQ(Ask("PUT", "/shr/sub/x.txt", {}, "x").status, 423);
  EXPECT_THAT(List("/shr", "1", "<d:lockdiscovery/>").body,
              HasSubstr(std::string(kBob) + "/shr/sub/</d:href></d:lockroot>"));
}

TEST_F(SharesTest, ChunkedUploadsEndInAMount) {
  Share("/shr");
  const std::string session = "/remote.php/dav/uploads/bob/up1";
  EXPECT_EQ(Do("MKCOL", session, {}, {}, "bob").status, 201);
  EXPECT_EQ(Do("PUT", session + "/1", {}, "chunk one, ", "bob").status, 201);
  EXPECT_EQ(Do("PUT", session + "/2", {}, "chunk two", "bob").status, 201);
  const HeaderList to{{"Destination", std::string(kBob) + "/shr/big.bin"}};
  const Answer moved = Do("MOVE", session + "/.file", to, {}, "bob");
  EXPECT_EQ(moved.status, 201);
  EXPECT_EQ(moved.headers.Get("X-NC-Permissions"), "SRGDNVW");
  EXPECT_EQ(Do("MOVE", session + "/.file", to, {}, "bob").status, 201);  // the same answer again
  EXPECT_EQ(Ask("GET", "/shr/big.bin").body, "chunk one, chunk two");
}

TEST_F(SharesTest, TheOwnersQuotaCounts) {
  Share("/shr");
  SetQuota("100 B");
  EXPECT_EQ(AsBob("PUT", "/shr/large.bin", {}, std::string(200, 'x')).status, 507);
  EXPECT_EQ(AsBob("PUT", "/large.bin", {}, std::string(200, 'x')).status, 201);
  EXPECT_EQ(MoveAsBob("COPY", "/large.bin", "/shr/large.bin").status, 507);
  EXPECT_EQ(MoveAsBob("MOVE", "/large.bin", "/shr/large.bin").status, 507);
  const std::string free = Value("/shr", "d:quota-available-bytes");
  EXPECT_EQ(free, std::to_string(100 - 11 - 3));
  EXPECT_EQ(Value("/", "d:quota-available-bytes"), "-3");
}

}  // namespace
}  // namespace cairn::dav
