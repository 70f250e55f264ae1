// Every permission mask with every call of the share API that hands on, changes or ends: nobody
// gives more than he has, whatever he asks for.
#include "tests/ocs/share_api_case.h"

namespace cairn::ocs {
namespace {

class ShareMatrixApiTest : public ShareApiCase {
 protected:
  static constexpr unsigned kShare = 16;
  unsigned Number(const std::string& text) { return static_cast<unsigned>(std::stoul(text)); }
};

TEST_F(ShareMatrixApiTest, NobodyHandsOnMoreThanHeHas) {
  for (unsigned has = 0; has < 32; ++has) {
    const std::string share = Share("alice", "/shr", "bob", "&permissions=" + std::to_string(has));
    const unsigned rights = has | 1;
    for (unsigned gives = 0; gives < 32; ++gives) {
      const unsigned given = gives | 1;
      clock_.Advance(std::chrono::seconds(2));  // naming somebody costs a search
      const Answer made =
          Call("POST", "/shares", "bob",
               "shareType=0&shareWith=carol&path=/shr&permissions=" + std::to_string(gives));
      const bool may = (rights & kShare) != 0 && (given & ~rights) == 0;
      EXPECT_EQ(made.status, may ? 200 : 404) << has << " gives " << gives;
      if (!may) continue;
      const std::string id(made.Data().at("id").as_string());
      EXPECT_EQ(Number(Field(id, "permissions", "carol")), given);
      // Neither does a change widen it.
      for (const unsigned wider : {31u, given | 2u, given | 8u}) {
        const int status =
            Call("PUT", "/shares/" + id, "bob", "permissions=" + std::to_string(wider)).status;
        EXPECT_EQ(status, (wider & ~rights) == 0 ? 200 : 404) << has << " widens to " << wider;
      }
      EXPECT_EQ(Call("DELETE", "/shares/" + id, "bob").status, 200);
    }
    // By a link, too.
    for (const unsigned gives : {1u, 3u, 4u, 15u}) {
      const unsigned given = gives == 4 ? 4 : gives | kShare;
      const bool may = (rights & kShare) != 0 && (given & ~rights) == 0;
      const Answer made = Call("POST", "/shares", "bob",
                               "shareType=3&path=/shr&permissions=" + std::to_string(gives));
      EXPECT_EQ(made.status, may ? 200 : 404) << has << " links " << gives;
    }
    EXPECT_EQ(Call("DELETE", "/shares/" + share).status, 200);
  }
}

TEST_F(ShareMatrixApiTest, OnlyWhoMadeItAndWhoOwnsItChangeIt) {
  for (unsigned has = 1; has < 32; has += 2) {
    const std::string share = Share("alice", "/shr", "bob", "&permissions=" + std::to_string(has));
    for (const std::string change : {"permissions=31", "expireDate=2027-01-15", "note=x"}) {
      EXPECT_EQ(Call("PUT", "/shares/" + share, "bob", change).status, 403) << has;
      EXPECT_EQ(Call("PUT", "/shares/" + share, "carol", change).status, 404) << has;
    }
    EXPECT_EQ(Field(share, "permissions", "alice"), std::to_string(has));
    EXPECT_EQ(Call("DELETE", "/shares/" + share, "carol").status, 404) << has;
    EXPECT_EQ(List("/shares/" + share, "carol"), NoShare()) << has;
    EXPECT_EQ(Call("DELETE", "/shares/" + share, "bob").status, 200) << has;
  }
}

}  // namespace
}  // namespace cairn::ocs
