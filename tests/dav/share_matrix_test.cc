// Every permission mask with every method, the share at the source and at the destination, against
// a model that knows five bits and nothing of the tree. What is refused changes nothing. By a share
// with a user, and by a public link.
#include <functional>

#include "base/bytes.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

// What one may do in the share.
struct Bits {
  bool read, update, create, remove;
  explicit Bits(storage::Permissions mask)
      : read((mask & 1) != 0),
        update((mask & 2) != 0),
        create((mask & 4) != 0),
        remove((mask & 8) != 0) {}
};

// Rules that several methods share.
bool Always(const Bits& bits) { return bits.read; }
bool Updates(const Bits& bits) { return bits.update; }
bool Creates(const Bits& bits) { return bits.create; }
bool Removes(const Bits& bits) { return bits.remove; }
bool Renames(const Bits& bits) { return bits.update || (bits.create && bits.remove); }
bool MovesWithin(const Bits& bits) { return bits.create && bits.remove; }
bool PutsOver(const Bits& bits) { return bits.create && (bits.update || bits.remove); }
bool RenamesOver(const Bits& bits) { return Renames(bits) && (bits.update || bits.remove); }

constexpr std::string_view kLock =
    "<d:lockinfo xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/>"
    "</d:locktype></d:lockinfo>";
constexpr std::string_view kColour =
    "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:x=\"http://example.org/\"><d:set><d:prop>"
    "<x:colour>red</x:colour></d:prop></d:set></d:propertyupdate>";

class ShareMatrixTest : public DavCase {
 protected:
  ShareMatrixTest() {
    bob_ = authenticator_->CheckSlow({"Basic " + ToBase64("bob:bob-password")}, *kv().Published())
               .value();
  }

  // One cell: a method on paths of a fresh share. Paths begin with SHARE (the share itself), OWN
  // (the caller's own folder; not for links) or OTHER (another share with all rights).
  struct Row {
    std::string_view method;
    std::string_view path;
    std::string_view destination;  // empty: none
    bool (*allowed)(const Bits&);
    std::string_view body = {};
    bool for_links = true;
  };
  static const std::vector<Row>& Rows() {
    static const std::vector<Row> rows{
        {"GET", "SHARE/f.txt", "", Always},
        {"HEAD", "SHARE/sub/g.txt", "", Always},
        {"PROPFIND", "SHARE", "", Always},
        {"PROPFIND", "SHARE/f.txt", "", Always},
        {"GET", "SHARE/?accept=zip", "", Always},
        {"PUT", "SHARE/new.txt", "", Creates, "x"},
        {"PUT", "SHARE/sub/new.txt", "", Creates, "x"},
        {"PUT", "SHARE/f.txt", "", Updates, "x"},
        {"MKCOL", "SHARE/newd", "", Creates},
        {"MKCOL", "SHARE/sub/newd", "", Creates},
        {"DELETE", "SHARE/f.txt", "", Removes},
        {"DELETE", "SHARE/sub", "", Removes},
        {"DELETE", "SHARE/sub/g.txt", "", Removes},
        {"PROPPATCH", "SHARE/f.txt", "", Updates, kColour},
        {"PROPPATCH", "SHARE/sub", "", Updates, kColour},
        {"LOCK", "SHARE/f.txt", "", Updates, kLock},
        {"LOCK", "SHARE/new.txt", "", Creates, kLock},
        {"MOVE", "SHARE/f.txt", "SHARE/new.txt", Renames},
        {"MOVE", "SHARE/sub", "SHARE/renamed", Renames},
        {"MOVE", "SHARE/f.txt", "SHARE/h.txt", RenamesOver},
        {"MOVE", "SHARE/f.txt", "SHARE/sub/f.txt", MovesWithin},
        {"MOVE", "SHARE/f.txt", "SHARE/sub/g.txt", MovesWithin},
        {"MOVE", "SHARE/f.txt", "OWN/f.txt", Removes, {}, false},
        {"MOVE", "SHARE/sub", "OWN/sub", Removes, {}, false},
        {"MOVE", "SHARE/f.txt", "OTHER/new.txt", Removes, {}, false},
        {"MOVE", "OWN/mine.txt", "SHARE/mine.txt", Creates, {}, false},
        {"MOVE", "OWN/mine", "SHARE/mine", Creates, {}, false},
        {"MOVE", "OWN/mine.txt", "SHARE/f.txt", PutsOver, {}, false},
        {"MOVE", "OTHER/f.txt", "SHARE/new.txt", Creates, {}, false},
        {"COPY", "SHARE/f.txt", "SHARE/new.txt", Creates},
        {"COPY", "SHARE/f.txt", "SHARE/h.txt", PutsOver},
        {"COPY", "SHARE/sub", "SHARE/copied", Creates},
        {"COPY", "SHARE/f.txt", "OWN/f.txt", Always, {}, false},
        {"COPY", "SHARE/sub", "OWN/sub", Always, {}, false},
        {"COPY", "SHARE/f.txt", "OTHER/new.txt", Always, {}, false},
        {"COPY", "OWN/mine.txt", "SHARE/mine.txt", Creates, {}, false},
        {"COPY", "OWN/mine", "SHARE/mine", Creates, {}, false},
        {"COPY", "OTHER/f.txt", "SHARE/f.txt", PutsOver, {}, false},
    };
    return rows;
  }

  // A fresh folder of alice's with the files that rows speak of.
  std::string Fill() {
    const std::string name = "/s" + std::to_string(++made_);
    Mkcol(name);
    Mkcol(name + "/sub");
    Put(name + "/f.txt", "first");
    Put(name + "/h.txt", "second");
    Put(name + "/sub/g.txt", "below");
    return name;
  }
  storage::Share Share(const std::string& path, shares::ShareType type,
                       storage::Permissions permissions) {
    shares::NewShare request;
    request.node = Stat(path).id();
    request.type = type;
    if (type == shares::ShareType::kUser) request.recipient = bob_.caller.user;
    request.set.permissions = permissions;
    const auto made = shares_->Create(alice().caller, request);
    CAIRN_CHECK(made.has_value() && !made->refused);
    return made->share;
  }
  // A cell is in no other's way.
  void Forget(const std::vector<std::string>& folders, const std::vector<storage::Share>& shares) {
    for (const storage::Share& share : shares)
      ASSERT_TRUE(shares_->Remove(alice().caller, ShareId{share.id()}).has_value());
    clock_.Advance(std::chrono::hours(24));  // locks are over
    for (const std::string& folder : folders) {
      const Answer gone =
          Do("DELETE", std::string(kHome) + folder, {{"X-NC-Skip-Trashbin", "true"}});
      ASSERT_EQ(gone.status, 204) << gone.body;
    }
  }
  // All that alice has, with etags and properties.
  std::string World() {
    return Propfind("/", "infinity", "<d:getetag/><oc:size/><x:colour/><nc:lock/>").body;
  }
  static std::string Replace(std::string_view path, std::string_view share, std::string_view own,
                             std::string_view other) {
    for (const auto& [word, root] :
         {std::pair(std::string_view("SHARE"), share), std::pair(std::string_view("OWN"), own),
          std::pair(std::string_view("OTHER"), other)}) {
      if (path.starts_with(word)) return std::string(root).append(path.substr(word.size()));
    }
    return std::string(path);
  }
  void Expect(const Row& row, storage::Permissions mask, const Answer& answer,
              const std::string& before) {
    const std::string cell = std::string(row.method) + " " + std::string(row.path) + " " +
                             std::string(row.destination) + " mask " + std::to_string(mask);
    if (row.allowed(Bits(mask))) {
      EXPECT_GE(answer.status, 200) << cell;
      EXPECT_LT(answer.status, 300) << cell << ": " << answer.body;
    } else {
      EXPECT_EQ(answer.status, 403) << cell << ": " << answer.body;
      EXPECT_EQ(World(), before) << cell;
    }
  }

  auth::Principal bob_;
  int made_ = 0;
};

TEST_F(ShareMatrixTest, SharesWithUsers) {
  const std::string home = "/remote.php/dav/files/bob";
  EXPECT_EQ(Do("MKCOL", home + "/own", {}, {}, "bob").status, 201);
  std::size_t cells = 0;
  for (storage::Permissions asked = 0; asked < 32; ++asked) {
    const storage::Permissions mask = asked | 1;  // nothing is shared without reading
    for (const Row& row : Rows()) {
      const std::string name = Fill();
      const std::string other = Fill();
      const auto share = Share(name, shares::ShareType::kUser, asked);
      const auto all = Share(other, shares::ShareType::kUser, 31);
      const std::string own = home + "/own/" + std::to_string(++cells);
      ASSERT_EQ(Do("MKCOL", own, {}, {}, "bob").status, 201);
      ASSERT_EQ(Do("MKCOL", own + "/mine", {}, {}, "bob").status, 201);
      ASSERT_EQ(Do("PUT", own + "/mine.txt", {}, "mine", "bob").status, 201);
      const auto at = [&](std::string_view path) {
        return Replace(path, home + name, own, home + other);
      };
      HeaderList headers;
      if (!row.destination.empty()) headers.emplace_back("Destination", at(row.destination));
      const std::string before = World();
      Expect(row, mask, Do(row.method, at(row.path), headers, std::string(row.body), "bob"),
             before);
      Forget({name, other}, {share, all});
    }
  }
  EXPECT_EQ(cells, 32 * Rows().size());
}

TEST_F(ShareMatrixTest, Links) {
  std::size_t cells = 0;
  for (storage::Permissions asked = 0; asked < 32; ++asked) {
    if ((asked & 1) == 0) continue;  // a file drop, or nothing: links_test
    for (const Row& row : Rows()) {
      if (!row.for_links) continue;
      const std::string name = Fill();
      const auto link = Share(name, shares::ShareType::kLink, asked);
      const std::string root = "/public.php/dav/files/" + link.token();
      const auto at = [&](std::string_view path) { return Replace(path, root, "", ""); };
      HeaderList headers;
      if (!row.destination.empty()) headers.emplace_back("Destination", at(row.destination));
      const std::string before = World();
      Expect(row, asked, Do(row.method, at(row.path), headers, std::string(row.body), ""), before);
      ++cells;
      Forget({name}, {link});
    }
  }
  EXPECT_GT(cells, 16u * 20);
}

// By id there is no path to say which way one came.
TEST_F(ShareMatrixTest, VersionsFollowTheirFile) {
  for (storage::Permissions mask = 1; mask < 32; mask += 2) {
    const std::string name = Fill();
    Put(name + "/f.txt", "another content", 1'700'000'100);
    const std::string id = Id(name + "/f.txt");
    Share(name, shares::ShareType::kUser, mask);
    const Bits bits(mask);
    const std::string root = "/remote.php/dav/versions/bob";
    const Answer list = PropfindAt(root + "/versions/" + id, "1", "<d:getetag/>", {}, "bob");
    const auto versions = Hrefs(list);
    ASSERT_EQ(versions.size(), 3u) << mask;  // the list, the file as it is now, what it was
    const std::string version = versions[2];
    EXPECT_EQ(Do("GET", version, {}, {}, "bob").body, "first") << mask;
    const HeaderList restore = {{"Destination", root + "/restore/" + id}};
    const int restored = Do("MOVE", version, restore, {}, "bob").status;
    EXPECT_EQ(restored == 201 || restored == 204, bits.update) << mask << ": " << restored;
    EXPECT_EQ(Do("GET", std::string(kHome) + name + "/f.txt").body,
              bits.update ? "first" : "another content");
    const auto left = Hrefs(PropfindAt(root + "/versions/" + id, "1", "<d:getetag/>", {}, "bob"));
    ASSERT_EQ(left.size(), 3u) << mask;
    EXPECT_EQ(Do("DELETE", left[2], {}, {}, "bob").status, bits.remove ? 204 : 403) << mask;
  }
}

TEST_F(ShareMatrixTest, ChunkedUploads) {
  for (storage::Permissions mask = 1; mask < 32; mask += 2) {
    const std::string name = Fill();
    Share(name, shares::ShareType::kUser, mask);
    const Bits bits(mask);
    const auto send = [&](const std::string& to) {
      const std::string session = "/remote.php/dav/uploads/bob/up" + std::to_string(++made_);
      EXPECT_EQ(Do("MKCOL", session, {}, {}, "bob").status, 201);
      EXPECT_EQ(Do("PUT", session + "/1", {}, "chunk", "bob").status, 201);
      const HeaderList headers = {{"Destination", "/remote.php/dav/files/bob" + name + to}};
      return Do("MOVE", session + "/.file", headers, {}, "bob").status;
    };
    EXPECT_EQ(send("/new.txt"), bits.create ? 201 : 403) << mask;
    EXPECT_EQ(send("/f.txt"), bits.update ? 204 : 403) << mask;
  }
}

}  // namespace
}  // namespace cairn::dav
