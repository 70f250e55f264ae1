// transferownership, against the recorded answers and with wrong input.
#include "tests/ocs/transfer_api_case.h"

namespace cairn::ocs {
namespace {

using testing::HasSubstr;

struct TransferApiTest : TransferApiCase {};

TEST_F(TransferApiTest, IsAskedForAndAccepted) {
  const Answer asked = Offer("alice", "bob", "/shr");
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(asked.body, Success());
  EXPECT_TRUE(Has("alice", {"shr"}));
  const Answer accepted = Accept("bob", "1");
  EXPECT_EQ(accepted.status, 200);
  EXPECT_EQ(accepted.body, Success());
  EXPECT_FALSE(Has("alice", {"shr"}));
  EXPECT_TRUE(Has("bob", {folder_, "shr", "a.txt"}));
}

TEST_F(TransferApiTest, IsRejected) {
  EXPECT_EQ(Offer("alice", "bob", "shr").body, Success());
  EXPECT_EQ(Accept("carol", "1").status, 403);
  EXPECT_EQ(Accept("carol", "1").body, Refused(403));
  EXPECT_EQ(Reject("carol", "1").body, Refused(403));
  EXPECT_EQ(Reject("bob", "1").body, Success());
  EXPECT_EQ(Accept("bob", "1").status, 404);
  EXPECT_EQ(Accept("bob", "1").body, Refused(404));
  EXPECT_EQ(Reject("bob", "99999999").body, Refused(404));
  EXPECT_TRUE(Has("alice", {"shr"}));
}

TEST_F(TransferApiTest, IsTakenBackByWhoAskedForIt) {
  EXPECT_EQ(Offer("alice", "bob", "/shr").status, 200);
  EXPECT_EQ(Reject("alice", "1").body, Success());
  EXPECT_EQ(Accept("bob", "1").status, 404);
  EXPECT_EQ(NoteIds("bob"), "");
}

TEST_F(TransferApiTest, ToOneselfDoesNothing) {
  EXPECT_EQ(Offer("alice", "alice", "/shr").body, Success());
  EXPECT_TRUE(Has("alice", {"shr"}));
  EXPECT_EQ(NoteIds("alice"), "");
}

TEST_F(TransferApiTest, WrongInputIsRefusedAsRecorded) {
  for (const std::string body :
       {"recipient=nosuch&path=%2Fshr", "recipient=bob&path=%2Fnope", "recipient=bob",
        "path=%2Fshr", "", "recipient=&path=%2Fshr", "recipient=bob&path=%2F..%2Fshr",
        "recipient=bob&path=%ff", "recipient=bob&path=%2Fsingle.txt%2Fx"}) {
    const Answer answer = Json("POST", kTransfers, "alice", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.body, Refused(400)) << body;
  }
  EXPECT_EQ(Offer("", "bob", "/shr").status, 401);
  for (const std::string id : {"x", "-1", "0", "1x", "99999999999999999999"})
    EXPECT_EQ(Accept("bob", id).body, Refused(404)) << id;
  EXPECT_EQ(Json("GET", kTransfers, "alice").status, 405);
  EXPECT_EQ(Json("PUT", std::string(kTransfers) + "/1", "alice").status, 405);
}

TEST_F(TransferApiTest, WhatIsSharedWithSomebodyIsNotHisToGive) {
  Share("alice", "/shr", "bob");
  EXPECT_EQ(Offer("bob", "carol", "/shr").body, Refused(403));
  EXPECT_EQ(Offer("bob", "carol", "/shr/sub").body, Refused(403));
  EXPECT_EQ(Offer("bob", "alice", "/shr").body, Refused(403));
  EXPECT_EQ(NoteIds("carol"), "");
}

TEST_F(TransferApiTest, EverythingIsTheRoot) {
  EXPECT_EQ(Offer("alice", "bob", "/").body, Success());
  EXPECT_EQ(Accept("bob", "1").body, Success());
  EXPECT_TRUE(Has("bob", {folder_, "shr", "sub"}));
  EXPECT_TRUE(Has("bob", {folder_, "single.txt"}));
  EXPECT_FALSE(Has("alice", {"single.txt"}));
}

TEST_F(TransferApiTest, ASharedFolderStaysShared) {
  const std::string share = Share("alice", "/shr", "carol", "&permissions=1");
  EXPECT_EQ(Offer("alice", "bob", "/shr").status, 200);
  EXPECT_EQ(Accept("bob", "1").status, 200);
  EXPECT_EQ(Field(share, "uid_owner", "carol"), R"("bob")");
  EXPECT_EQ(Field(share, "uid_file_owner", "carol"), R"("bob")");
  EXPECT_EQ(Field(share, "permissions", "carol"), "1");
  EXPECT_EQ(Field(share, "file_target", "carol"), R"("/shr")");
  EXPECT_EQ(Field(share, "path", "bob"), "\"/" + folder_ + "/shr\"");
  EXPECT_EQ(Call("DELETE", "/shares/" + share, "alice").body, NoShare());
  EXPECT_EQ(Call("DELETE", "/shares/" + share, "bob").body, Success());
}

TEST_F(TransferApiTest, AnAppPasswordThatMayNotReachFilesGivesNothingAway) {
  const auto made = app_passwords_.Create(IdOf("alice"), "phone", {.no_files = true});
  ASSERT_TRUE(made.has_value());
  HeaderList headers = Basic("alice", made->secret);
  const Answer answer = Ask("POST", kTransfers, "", headers, "recipient=bob&path=%2Fshr");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(NoteIds("bob"), "");
}

TEST_F(TransferApiTest, NamesAreNotTriedOutForFree) {
  int refused = 0;
  for (int i = 0; i < 200 && refused == 0; ++i)
    refused = Offer("alice", "nosuch" + std::to_string(i), "/shr").status == 429 ? 1 : 0;
  EXPECT_EQ(refused, 1);
  EXPECT_THAT(Offer("alice", "bob", "/shr").body, HasSubstr("Too many attempts"));
}

}  // namespace
}  // namespace cairn::ocs
