// Notifications: the fields that clients read, what is unchanged, what is dismissed.
#include "tests/ocs/transfer_api_case.h"

namespace cairn::ocs {
namespace {

struct NotificationsTest : TransferApiCase {};

TEST_F(NotificationsTest, NothingIsAnEmptyList) {
  const Answer answer = Notes("bob");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, Success());
  EXPECT_EQ(Json("GET", kNotes, "").status, 401);
}

TEST_F(NotificationsTest, AnOfferAsks) {
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  EXPECT_EQ(
      ToJson(Notes("bob").Data()),
      R"([{"notification_id":1,"app":"files","user":"bob","datetime":"2023-11-14T22:13:20+00:00",)"
      R"("object_type":"transfer","object_id":"1",)"
      R"("subject":"Incoming ownership transfer from @Alice <A.>",)"
      R"("message":"Do you want to accept shr?","link":"",)"
      R"("subjectRich":"Incoming ownership transfer from {user}",)"
      R"("subjectRichParameters":{"user":{"type":"user","id":"alice","name":"Alice <A.>"}},)"
      R"("messageRich":"Do you want to accept {path}?",)"
      R"("messageRichParameters":{"path":{"type":"highlight","id":"bob::shr","name":"shr"}},)"
      R"("icon":"","shouldNotify":true,"actions":[)"
      R"({"label":"Accept","link":"https://cloud.example/ocs/v2.php/apps/files/api/v1/transferownership/1","type":"POST","primary":true},)"
      R"({"label":"Reject","link":"https://cloud.example/ocs/v2.php/apps/files/api/v1/transferownership/1","type":"DELETE","primary":false}]}])");
  EXPECT_EQ(NoteIds("alice"), "");
  EXPECT_EQ(NoteIds("carol"), "");
}

TEST_F(NotificationsTest, TheAnswerIsToldAsRecorded) {
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  ASSERT_EQ(Reject("bob", "1").status, 200);
  EXPECT_EQ(
      ToJson(Notes("alice").Data()),
      R"([{"notification_id":2,"app":"files","user":"alice","datetime":"2023-11-14T22:13:20+00:00",)"
      R"("object_type":"transfer","object_id":"1","subject":"Ownership transfer denied",)"
      R"("message":"Your ownership transfer of shr was denied by @bob.","link":"",)"
      R"("subjectRich":"Ownership transfer denied","subjectRichParameters":{},)"
      R"("messageRich":"Your ownership transfer of {path} was denied by {user}.",)"
      R"("messageRichParameters":{"user":{"type":"user","id":"bob","name":"bob"},)"
      R"("path":{"type":"highlight","id":"alice::shr","name":"shr"}},)"
      R"("icon":"","shouldNotify":true,"actions":[]}])");
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  ASSERT_EQ(Accept("bob", "2").status, 200);
  EXPECT_EQ(NoteIds("alice"), "4 2");
  EXPECT_EQ(Notes("alice").Data().at(0).at("message"),
            "Your ownership transfer of shr to @bob has completed.");
  EXPECT_EQ(NoteIds("bob"), "");
}

TEST_F(NotificationsTest, WhatIsUnchangedIsNotSentAgain) {
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  const Answer first = Notes("bob");
  const std::string etag = first.Header("ETag");
  ASSERT_FALSE(etag.empty());
  const Answer again = Json("GET", kNotes, "bob", {}, {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.Header("ETag"), etag);
  ASSERT_EQ(Offer("alice", "bob", "/single.txt").status, 200);
  EXPECT_EQ(Json("GET", kNotes, "bob", {}, {{"If-None-Match", etag}}).status, 200);
  EXPECT_EQ(NoteIds("bob"), "2 1");
}

TEST_F(NotificationsTest, OneIsItsReadersAlone) {
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  const Answer one = Note("GET", "1", "bob");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(ToJson(one.Data()), ToJson(Notes("bob").Data().at(0)));
  constexpr std::string_view kNone =
      R"({"ocs":{"meta":{"status":"failure","statuscode":404,"message":""},"data":null}})";
  for (const auto& [id, user] :
       {std::pair{"1", "carol"}, {"1", "alice"}, {"99999999", "bob"}, {"x", "bob"}, {"0", "bob"}}) {
    const Answer answer = Note("GET", id, user);
    EXPECT_EQ(answer.status, 404) << id;
    EXPECT_EQ(answer.body, kNone) << id;
  }
}

TEST_F(NotificationsTest, ThoseThatExistAreTold) {
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  const std::string exists = std::string(kNotes) + "/exists";
  const HeaderList json{{"Content-Type", "application/json"}};
  EXPECT_EQ(ToJson(Json("POST", exists, "bob", R"({"ids":[1,99999999]})", json).Data()), "[1]");
  EXPECT_EQ(ToJson(Json("POST", exists, "carol", R"({"ids":[1]})", json).Data()), "[]");
  EXPECT_EQ(ToJson(Json("POST", exists, "bob", "{", json).Data()), "[]");
  EXPECT_EQ(ToJson(Json("POST", exists, "bob", "ids[]=1").Data()), "[1]");
  std::string many;
  for (int i = 0; i < 201; ++i) many += "ids[]=1&";
  EXPECT_EQ(Json("POST", exists, "bob", many).status, 400);
}

TEST_F(NotificationsTest, DismissedIsRead) {
  ASSERT_EQ(Offer("alice", "bob", "/shr").status, 200);
  ASSERT_EQ(Offer("alice", "bob", "/single.txt").status, 200);
  EXPECT_EQ(Note("DELETE", "1", "carol").body, Success());
  EXPECT_EQ(NoteIds("bob"), "2 1");
  EXPECT_EQ(Note("DELETE", "1", "bob").body, Success());
  EXPECT_EQ(Note("DELETE", "1", "bob").body, Success());
  EXPECT_EQ(NoteIds("bob"), "2");
  // Who dismisses an offer rejects it.
  EXPECT_EQ(Accept("bob", "1").status, 404);
  EXPECT_EQ(NoteIds("alice"), "3");
  EXPECT_EQ(Json("DELETE", kNotes, "bob").body, Success());
  EXPECT_EQ(NoteIds("bob"), "");
  EXPECT_EQ(Json("DELETE", kNotes, "alice").body, Success());
  EXPECT_EQ(NoteIds("alice"), "");
  EXPECT_TRUE(Has("alice", {"shr"}));
}

}  // namespace
}  // namespace cairn::ocs
