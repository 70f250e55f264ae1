#include "dav/property_table.h"

#include <set>

#include "dav/property_set.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

class PropertyTableTest : public DavCase {
 protected:
  // The content of the element, or nullopt for 404.
  std::optional<std::string> Value(std::string_view ns, std::string_view local,
                                   const storage::Entry& entry,
                                   std::span<const ShownLock> locks = {}) {
    const PropertyRow* row = FindProperty(ns, local);
    CAIRN_CHECK(row != nullptr);
    const PropScope scope{*engine_, alice(), clock_.NowSeconds(), 4711};
    PropContext context{.scope = scope, .entry = entry, .name = entry.name(), .etag = entry.etag()};
    context.size = entry.recursive_size();
    context.permissions = storage::kAllPermissions;
    context.home_root = Raw(entry.parent) == 0;
    context.locks = locks;
    if ((row->applies & (entry.is_collection() ? kFolders : kFiles)) == 0) return std::nullopt;
    std::string out;
    return row->append(out, context) ? std::optional(out) : std::nullopt;
  }
};

TEST_F(PropertyTableTest, RowsAreUniqueAndFound) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const PropertyRow& row : PropertyTable()) {
    EXPECT_TRUE(seen.emplace(row.ns, row.local).second) << row.local;
    EXPECT_EQ(FindProperty(row.ns, row.local), &row);
  }
  EXPECT_EQ(FindProperty("DAV:", "nonsense"), nullptr);
  EXPECT_EQ(FindProperty(kOcNs, "getetag"), nullptr);
}

TEST_F(PropertyTableTest, OnlyTheRecordedPropertiesAreInAllprop) {
  std::vector<std::string_view> names;
  for (const PropertyRow& row : PropertyTable()) {
    if (row.in_allprop) names.push_back(row.local);
  }
  EXPECT_THAT(names, testing::ElementsAre("getlastmodified", "getcontentlength", "resourcetype",
                                          "quota-used-bytes", "quota-available-bytes", "getetag",
                                          "getcontenttype"));
}

TEST_F(PropertyTableTest, FileFormats) {
  Put("/a b&c.txt", "hello", 1'700'000'000, "SHA1:aa MD5:bb");
  const auto entry = Stat("/a b&c.txt");
  EXPECT_EQ(Value(kDavNs, "getlastmodified", entry), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(Value(kDavNs, "getcontentlength", entry), "5");
  EXPECT_EQ(Value(kDavNs, "resourcetype", entry), "");
  EXPECT_EQ(Value(kDavNs, "getetag", entry), "&quot;" + entry.etag().Text() + "&quot;");
  EXPECT_EQ(Value(kDavNs, "getcontenttype", entry), "text/plain");
  EXPECT_EQ(Value(kDavNs, "displayname", entry), "a b&amp;c.txt");
  EXPECT_EQ(Value(kDavNs, "creationdate", entry), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(Value(kDavNs, "quota-available-bytes", entry), std::nullopt);
  EXPECT_EQ(Value(kOcNs, "id", entry), engine_->OcId(entry.id()));
  EXPECT_EQ(Value(kOcNs, "fileid", entry), std::to_string(Raw(entry.id())));
  EXPECT_EQ(Value(kOcNs, "permissions", entry), "RGDNVW");
  EXPECT_EQ(Value(kOcNs, "size", entry), "5");
  EXPECT_EQ(Value(kOcNs, "checksums", entry),
            "<oc:checksum>SHA1:aa</oc:checksum><oc:checksum>MD5:bb</oc:checksum>");
  EXPECT_EQ(Value(kOcNs, "downloadURL", entry), "");
  EXPECT_EQ(Value(kOcNs, "favorite", entry), "0");
  EXPECT_EQ(Value(kOcNs, "owner-id", entry), "alice");
  EXPECT_EQ(Value(kOcNs, "owner-display-name", entry), "Alice A.");
  EXPECT_EQ(Value(kNcNs, "has-preview", entry), "false");
  EXPECT_EQ(Value(kNcNs, "creation_time", entry), "0");
  EXPECT_EQ(Value(kNcNs, "contained-file-count", entry), std::nullopt);
  EXPECT_EQ(Value(kNcNs, "lock", entry), "");
  EXPECT_EQ(Value(kNcNs, "lock-owner", entry), std::nullopt);
  EXPECT_EQ(Value("http://open-collaboration-services.org/ns", "share-permissions", entry), "19");
  EXPECT_EQ(Value("http://open-cloud-mesh.org/ns", "share-permissions", entry),
            "[&quot;share&quot;,&quot;read&quot;,&quot;write&quot;]");
}

TEST_F(PropertyTableTest, FolderFormats) {
  Mkcol("/dir");
  Mkcol("/dir/sub");
  Put("/dir/a", "123");
  Put("/dir/sub/b", "4567");
  const auto entry = Stat("/dir");
  EXPECT_EQ(Value(kDavNs, "resourcetype", entry), "<d:collection/>");
  EXPECT_EQ(Value(kDavNs, "getcontentlength", entry), std::nullopt);
  EXPECT_EQ(Value(kDavNs, "getcontenttype", entry), std::nullopt);
  EXPECT_EQ(Value(kDavNs, "quota-used-bytes", entry), "7");
  EXPECT_EQ(Value(kDavNs, "quota-available-bytes", entry), "4711");
  EXPECT_EQ(Value(kOcNs, "permissions", entry), "RGDNVCK");
  EXPECT_EQ(Value(kOcNs, "size", entry), "7");
  EXPECT_EQ(Value(kOcNs, "checksums", entry), std::nullopt);
  EXPECT_EQ(Value(kOcNs, "downloadURL", entry), std::nullopt);
  EXPECT_EQ(Value(kNcNs, "contained-file-count", entry), "1");
  EXPECT_EQ(Value(kNcNs, "contained-folder-count", entry), "1");
  EXPECT_EQ(Value(kNcNs, "upload_time", entry), std::nullopt);
  EXPECT_EQ(Value("http://open-collaboration-services.org/ns", "share-permissions", entry), "31");
}

TEST_F(PropertyTableTest, TheHomeIsNamedAfterItsUserAndShowsAllRights) {
  const auto root = Stat("/");
  EXPECT_EQ(Value(kDavNs, "displayname", root), "alice");
  EXPECT_EQ(Value(kOcNs, "permissions", root), "RGDNVCK");
}

TEST_F(PropertyTableTest, TimesAreNeverZero) {
  Put("/a", "x");
  auto entry = Stat("/a");
  entry.node.set_mtime(0);
  EXPECT_EQ(Value(kDavNs, "getlastmodified", entry), "Thu, 01 Jan 1970 00:00:01 GMT");
}

TEST_F(PropertyTableTest, AForeignLockShowsNoToken) {
  Put("/a", "x");
  ShownLock shown;
  shown.root_href = "/remote.php/dav/files/alice/a";
  shown.held.lock.set_token("opaquelocktoken:secret");
  shown.held.lock.set_user(Raw(alice().caller.user));
  shown.held.lock.set_created(clock_.NowSeconds() - 100);
  shown.held.lock.set_timeout(600);
  shown.held.lock.set_owner("<d:href>me</d:href>");
  shown.held.lock.set_owner_name("me");
  shown.held.lock.set_type(2);
  const auto entry = Stat("/a");
  EXPECT_EQ(
      Value(kDavNs, "lockdiscovery", entry, {&shown, 1}),
      "<d:activelock><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>"
      "<d:lockroot><d:href>/remote.php/dav/files/alice/a</d:href></d:lockroot><d:depth>0</d:depth>"
      "<d:timeout>Second-500</d:timeout><d:locktoken><d:href>opaquelocktoken:secret</d:href></"
      "d:locktoken>"
      "<d:owner><d:href>me</d:href></d:owner></d:activelock>");
  EXPECT_EQ(Value(kNcNs, "lock-token", entry, {&shown, 1}), "secret");
  EXPECT_EQ(Value(kNcNs, "lock-owner", entry, {&shown, 1}), "alice");
  EXPECT_EQ(Value(kNcNs, "lock", entry, {&shown, 1}), "1");
  EXPECT_EQ(Value(kNcNs, "lock-owner-type", entry, {&shown, 1}), "2");
  EXPECT_EQ(Value(kNcNs, "lock-timeout", entry, {&shown, 1}), "600");

  shown.held.lock.set_user(999);
  EXPECT_THAT(*Value(kDavNs, "lockdiscovery", entry, {&shown, 1}),
              testing::Not(testing::HasSubstr("secret")));
  EXPECT_EQ(Value(kNcNs, "lock-token", entry, {&shown, 1}), std::nullopt);
  EXPECT_EQ(Value(kNcNs, "lock-owner-displayname", entry, {&shown, 1}), "me");
}

TEST(PropertySet, NamesEachPropertyOnceAndKnowsWhatToJoin) {
  const auto body = ParseXml(
      "<d:propfind xmlns:d='DAV:' xmlns:oc='http://owncloud.org/ns' "
      "xmlns:z='urn:z'><d:prop><d:getetag/>"
      "<oc:favorite/><z:dead/><d:getetag/></d:prop></d:propfind>");
  ASSERT_TRUE(body.has_value());
  const auto set = PropertySet::Named(*body->Child(kDavNs, "prop"));
  ASSERT_TRUE(set.has_value());
  ASSERT_EQ(set->wanted->size(), 3u);
  EXPECT_EQ((*set->wanted)[0].open, "<d:getetag>");
  EXPECT_EQ((*set->wanted)[2].empty, "<x1:dead xmlns:x1=\"urn:z\"/>");
  EXPECT_EQ((*set->wanted)[2].row, nullptr);
  EXPECT_EQ(set->needs, kNeedsFavorites | kNeedsDead);
  EXPECT_FALSE(set->skip_missing);
}

TEST(PropertySet, TheShareMasksGetTheirPrefixesBeforeUnknownOnes) {
  const auto set = CompilePropfind(
      "<d:propfind xmlns:d='DAV:'><d:prop><a xmlns='urn:a'/><share-permissions "
      "xmlns='http://open-collaboration-services.org/ns'/><share-permissions "
      "xmlns='http://open-cloud-mesh.org/ns'/></d:prop></d:propfind>");
  ASSERT_TRUE(set.has_value());
  EXPECT_TRUE((*set->wanted)[0].open.starts_with("<x3:a"));
  EXPECT_TRUE((*set->wanted)[1].open.starts_with("<x1:share-permissions"));
  EXPECT_TRUE((*set->wanted)[2].open.starts_with("<x2:share-permissions"));
}

TEST(PropertySet, RefusesWhatIsNoPropfind) {
  EXPECT_TRUE(CompilePropfind("<d:foo xmlns:d='DAV:'/>").has_error());
  EXPECT_TRUE(CompilePropfind("<d:propfind xmlns:d='DAV:'/>").has_error());
  EXPECT_TRUE(CompilePropfind("hello").has_error());
  std::string many = "<d:propfind xmlns:d='DAV:'><d:prop>";
  for (int i = 0; i < 1001; ++i) many += "<p" + std::to_string(i) + "/>";
  EXPECT_TRUE(CompilePropfind(many + "</d:prop></d:propfind>").has_error());
}

}  // namespace
}  // namespace cairn::dav
