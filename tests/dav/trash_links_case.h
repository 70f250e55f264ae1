// A share, and the trash bins of all who have to do with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/fsck.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {

// Alice shares /shr: with bob, who may do everything, and with carol, who may read.
class TrashLinksCase : public DavCase {
 protected:
  TrashLinksCase() {
    auth::NewUser carol;
    carol.name = "carol";
    carol.password = "carol-password";
    CAIRN_CHECK(users_->Create(carol).has_value());
    bob_ = PrincipalOf("bob");
    carol_ = PrincipalOf("carol");
    Mkcol("/shr");
    Mkcol("/shr/sub");
    Put("/shr/a.txt", "shared text");
    Put("/shr/sub/b.txt", "below");
    of_bob_ = Share("/shr", bob_, 31);
    Share("/shr", carol_, 1);
    clock_.Advance(std::chrono::seconds(1000));
  }

  ShareId Share(std::string_view path, const auth::Principal& with, storage::Permissions rights) {
    shares::NewShare request;
    request.recipient = with.caller.user;
    request.set.permissions = rights;
    return ShareId{MakeShare(path, std::move(request)).id()};
  }
  void Change(const shares::ShareAttributes& change) {
    const auto done = shares_->Update(alice().caller, of_bob_, change);
    ASSERT_TRUE(done.has_value() && !done->refused);
  }
  void Unshare() { ASSERT_TRUE(shares_->Remove(alice().caller, of_bob_).has_value()); }

  static std::string Home(std::string_view user, std::string_view path) {
    return "/remote.php/dav/files/" + std::string(user) + std::string(path);
  }
  static std::string Bin(std::string_view user, std::string_view path = {}) {
    return "/remote.php/dav/trashbin/" + std::string(user) + "/trash" + std::string(path);
  }
  int In(std::string_view user, std::string_view method, std::string_view path) {
    return Do(method, Home(user, path), {}, {}, user).status;
  }
  // "/a.txt.d1700001000" of each that `user` finds in his trash.
  std::vector<std::string> Trash(std::string_view user, std::string_view below = {}) {
    auto hrefs = Hrefs(Show(user, below, "<d:getetag/>"));
    if (!hrefs.empty()) hrefs.erase(hrefs.begin());
    for (std::string& href : hrefs) href.erase(0, Bin(user).size());
    return hrefs;
  }
  Answer Show(std::string_view user, std::string_view below, std::string_view props,
              std::string_view depth = "1") {
    return PropfindAt(Bin(user, below), depth, props, {}, user);
  }
  std::string Text(std::string_view user, std::string_view item) {
    const Answer answer = Do("GET", Bin(user, item), {}, {}, user);
    return answer.status == 200 ? answer.body : std::to_string(answer.status);
  }
  Answer Restore(std::string_view user, std::string_view item) {
    const std::string to = "/remote.php/dav/trashbin/" + std::string(user) + "/restore/x";
    return Do("MOVE", Bin(user, item), {{"Destination", to}}, {}, user);
  }
  int Purge(std::string_view user, std::string_view item) {
    return Do("DELETE", Bin(user, item), {}, {}, user).status;
  }
  std::size_t Rows() {
    std::size_t rows = 0;
    auto count = [&](std::string_view, std::string_view) { return ++rows > 0; };
    CAIRN_CHECK(kv().Published()->Scan(storage::Table::kTrashLinks, {}, {}, count).has_value());
    return rows;
  }
  void ExpectClean() {
    const auto report = storage::Fsck(kv(), engine_->contents(), {.read_data = true});
    ASSERT_TRUE(report.has_value());
    EXPECT_TRUE(report->clean());
    for (const auto& finding : report->findings)
      if (!finding.harmless) ADD_FAILURE() << finding.what;
  }

  auth::Principal bob_, carol_;
  ShareId of_bob_{};
};

}  // namespace cairn::dav
