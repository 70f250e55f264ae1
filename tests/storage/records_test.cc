// Golden bytes of every record of storage/records.proto with every field set: what older and newer
// versions of Cairn read. A change of bytes here is a change of format; a new field is added here
// too, or the count of fields fails.
#include "storage/records.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "base/bytes.h"

namespace cairn::storage {
namespace {

// The body of a message in storage/records.proto, without comments.
std::string MessageText(const std::string& name) {
  std::ifstream file(CAIRN_SOURCE_DIR "/storage/records.proto");
  std::ostringstream text;
  for (std::string line; std::getline(file, line);) text << line.substr(0, line.find("//")) << '\n';
  const std::string all = text.str();
  const std::size_t from = all.find("\nmessage " + name + " {");
  return from == std::string::npos ? std::string() : all.substr(from, all.find("\n}", from) - from);
}

template <class T>
void ExpectGolden(const T& record, std::ptrdiff_t fields, const std::string& hex) {
  EXPECT_EQ(ToHex(Serialize(record)), hex);
  const auto parsed = Parse<T>(*FromHex(hex));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(ToHex(Serialize(*parsed)), hex);

  // What a newer version wrote survives a rewrite by this one: field 1000, varint 7.
  const std::string unknown = "c03e07";
  const auto newer = Parse<T>(*FromHex(hex + unknown));
  ASSERT_TRUE(newer.has_value());
  EXPECT_EQ(ToHex(Serialize(*newer)), hex + unknown);

  const auto cut = Parse<T>(FromHex(hex)->substr(0, hex.size() / 2 - 1));
  ASSERT_TRUE(cut.has_error());
  EXPECT_EQ(cut.error().code, ErrorCode::kCorruption);

  const std::string name = record.GetTypeName().substr(std::string("cairn.storage.").size());
  const std::string text = MessageText(name);
  const std::regex field("= [0-9]+;");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(text.begin(), text.end(), field), std::sregex_iterator()),
      fields)
      << "fields of " << name << " in records.proto: set the new one here";
}

TEST(Records, EveryMessageHasAGoldenTest) {
  std::ifstream file(CAIRN_SOURCE_DIR "/storage/records.proto");
  int messages = 0;
  for (std::string line; std::getline(file, line);)
    messages += line.starts_with("message ") ? 1 : 0;
  EXPECT_EQ(messages, 35);
}

TEST(Records, EmptyBytesAreAnEmptyRecord) {
  const auto node = Parse<Node>("");
  ASSERT_TRUE(node.has_value());
  EXPECT_EQ(node->id(), 0u);
  EXPECT_EQ(Serialize(*node), "");
}

TEST(Records, WhatIsNoRecordIsCorruption) {
  for (const std::string_view bytes : {"\xff",
                                       "\x0a\x05"
                                       "ab",
                                       "\x07", "\x08"}) {
    const auto node = Parse<Node>(bytes);
    ASSERT_TRUE(node.has_error());
    EXPECT_EQ(node.error().code, ErrorCode::kCorruption);
    EXPECT_NE(node.error().message.find("Node"), std::string::npos);
  }
}

TEST(Records, FormatRecord) {
  FormatRecord record;
  record.set_format(301);
  record.set_oldest_reader(302);
  record.set_written_by("writ");
  record.set_unicode("unic");
  record.set_instance_id("inst");
  record.set_data_fingerprint("data");
  ExpectGolden(record, 6, "08ad0210ae021a04777269742204756e69632a04696e7374320464617461");
}

TEST(Records, CounterRecord) {
  CounterRecord record;
  record.set_next_block(301);
  ExpectGolden(record, 1, "08ad02");
}

TEST(Records, Aggregates) {
  Aggregates record;
  record.set_bytes(301);
  record.set_version_bytes(302);
  record.set_files(303);
  record.set_folders(304);
  record.set_locks(305);
  record.set_shares(306);
  ExpectGolden(record, 6, "08ad0210ae0218af0220b00228b10230b202");
}

TrashInfo Trashed() {
  TrashInfo record;
  record.set_deleted(401);
  record.set_deleted_by(402);
  record.set_path("path");
  record.set_parent(404);
  record.set_link(405);
  return record;
}

TEST(Records, TrashInfo) { ExpectGolden(Trashed(), 5, "0891031092031a0470617468209403289503"); }

TEST(Records, TrashLink) {
  TrashLink record;
  record.set_node(301);
  record.set_path("path");
  record.set_mount(303);
  record.set_no_download(true);
  ExpectGolden(record, 4, "08ad0212047061746818af022001");
}

TEST(Records, Version) {
  Version record;
  record.set_content("cont");
  record.set_size(302);
  record.set_mtime(303);
  record.set_stamp(304);
  record.set_became_current(305);
  record.set_checksums("chec");
  record.set_author(307);
  record.set_label("labl");
  ExpectGolden(record, 8, "0a04636f6e7410ae0218af0220b00228b10232046368656338b30242046c61626c");
}

TEST(Records, Node) {
  Node record;
  record.set_id(301);
  record.set_name("name");
  record.set_collection(true);
  record.set_etag_start(0x0102030405060704);
  record.set_etag_count(0x0102030405060705);
  record.set_mtime(306);
  record.set_created(307);
  record.set_uploaded(308);
  record.set_size(309);
  record.set_content("cont");
  record.set_checksums("chec");
  record.set_flags(312);
  record.set_direct_files(313);
  record.set_direct_folders(314);
  Aggregates& below = *record.mutable_below();
  below.set_bytes(301);
  below.set_version_bytes(302);
  below.set_files(303);
  below.set_folders(304);
  below.set_locks(305);
  below.set_shares(306);
  record.set_space(316);
  record.set_root(ROOT_TRASH);
  record.set_became_current(318);
  record.set_height(319);
  record.set_version_seq(320);
  record.set_author(321);
  record.set_label("labl");
  *record.mutable_trash() = Trashed();
  ExpectGolden(
      record, 23,
      "08ad0212046e616d65180121040706050403020129050706050403020130b20238b30240b40248b502520463"
      "6f6e745a046368656360b80268b90270ba027a1208ad0210ae0218af0220b00228b10230b2028001bc028801"
      "029001be029801bf02"
      "a001c002a801c102b201046c61626cba01120891031092031a0470617468209403289503");
}

TEST(Records, NodePlace) {
  NodePlace record;
  record.set_parent(301);
  record.set_key("key");
  ExpectGolden(record, 2, "08ad0212036b6579");
}

TEST(Records, Space) {
  Space record;
  record.set_id(301);
  record.set_owner(302);
  record.set_files_root(303);
  record.set_trash_root(304);
  record.set_staging_root(305);
  record.set_purge_root(306);
  record.set_event_seq(307);
  record.set_quota(308);
  record.set_has_quota(true);
  record.set_default_quota(true);
  ExpectGolden(record, 10, "08ad0210ae0218af0220b00228b10230b20238b30240b40248015001");
}

TEST(Records, Content) {
  Content record;
  record.set_kind(CONTENT_MANIFEST);
  record.set_size(302);
  record.set_blob("blob");
  record.set_pages(304);
  record.set_codec(305);
  record.set_key_wrap("key_");
  ExpectGolden(record, 6, "080210ae021a04626c6f6220b00228b10232046b65795f");
}

TEST(Records, ManifestPage) {
  ManifestPage record;
  for (int i = 0; i < 2; ++i) {
    ManifestPage::Part& part = *record.add_parts();
    part.set_blob("blob");
    part.set_length(302);
  }
  ExpectGolden(record, 3, "0a090a04626c6f6210ae020a090a04626c6f6210ae02");
}

TEST(Records, Blob) {
  Blob record;
  record.set_content("cont");
  record.set_length(302);
  record.set_quarantined(true);
  ExpectGolden(record, 3, "0a04636f6e7410ae021801");
}

TEST(Records, Candidate) {
  Candidate record;
  record.set_since(301);
  ExpectGolden(record, 1, "08ad02");
}

TEST(Records, Property) {
  Property record;
  record.set_value("valu");
  record.set_xml(true);
  ExpectGolden(record, 2, "0a0476616c751001");
}

TEST(Records, Lock) {
  Lock record;
  record.set_token("toke");
  record.set_scope(LOCK_SHARED);
  record.set_infinite(true);
  record.set_user(304);
  record.set_owner("owne");
  record.set_created(306);
  record.set_timeout(307);
  record.set_type(308);
  record.set_owner_name("owne");
  ExpectGolden(record, 9, "0a04746f6b651001180120b0022a046f776e6530b20238b30240b4024a046f776e65");
}

TEST(Records, UploadSession) {
  UploadSession record;
  record.set_user(301);
  record.set_name("name");
  record.set_content("cont");
  record.set_created(304);
  record.set_touched(305);
  record.set_total_length(306);
  record.set_has_total_length(true);
  record.set_chunk_count(308);
  record.set_chunk_bytes(309);
  record.set_space(310);
  record.set_changes(311);
  ExpectGolden(record, 11,
               "08ad0212046e616d651a04636f6e7420b00228b10230b202380140b40248b50250b60258b702");
}

TEST(Records, Chunk) {
  Chunk record;
  record.set_blob("blob");
  record.set_length(302);
  record.set_mtime(303);
  record.set_etag_start(0x0102030405060704);
  record.set_etag_count(0x0102030405060705);
  ExpectGolden(record, 5, "0a04626c6f6210ae0218af02210407060504030201290507060504030201");
}

TEST(Records, UploadResult) {
  UploadResult record;
  record.set_node(301);
  record.set_etag_start(0x0102030405060702);
  record.set_etag_count(0x0102030405060703);
  record.set_created(true);
  record.set_expires(305);
  record.set_destination("dest");
  record.set_mtime_accepted(true);
  record.set_ctime_accepted(true);
  ExpectGolden(record, 8,
               "08ad02110207060504030201190307060504030201200128b10232046465737438014001");
}

TEST(Records, Event) {
  Event record;
  record.set_type(301);
  record.set_actor(302);
  record.set_token_name("toke");
  record.set_node(304);
  record.add_parents(1);
  record.add_parents(300);
  record.set_old_path("old_");
  record.set_new_path("new_");
  record.set_old_name("old_");
  record.set_new_name("new_");
  record.set_size(310);
  record.set_at(311);
  record.add_audiences(1);
  record.add_audiences(300);
  record.set_collection(true);
  ExpectGolden(
      record, 13,
      "08ad0210ae021a04746f6b6520b0022a0301ac0232046f6c645f3a046e65775f42046f6c645f4a046e65775f"
      "50b60258b702620301ac026801");
}

TEST(Records, User) {
  User record;
  record.set_id(301);
  record.set_name("name");
  record.set_display_name("disp");
  record.set_email("emai");
  record.set_password_hash("pass");
  record.set_version(306);
  record.set_disabled(true);
  record.set_admin(true);
  record.set_space(309);
  record.set_created(310);
  record.set_last_login(311);
  record.set_key_wrap("key_");
  (*record.mutable_settings())["b"] = "2";
  (*record.mutable_settings())["a"] = "1";
  record.set_next_token(314);
  record.set_deleted(true);
  ExpectGolden(
      record, 15,
      "08ad0212046e616d651a04646973702204656d61692a047061737330b2023801400148b50250b60258b70262"
      "046b65795f6a060a01611201316a060a016212013270ba027801");
}

TEST(Records, UserName) {
  UserName record;
  record.set_id(301);
  ExpectGolden(record, 1, "08ad02");
}

TEST(Records, Group) {
  Group record;
  record.set_name("name");
  record.set_display_name("disp");
  ExpectGolden(record, 2, "0a046e616d65120464697370");
}

TEST(Records, Token) {
  Token record;
  record.set_id(301);
  record.set_user(302);
  record.set_name("name");
  record.set_created(304);
  record.set_last_used(305);
  record.set_expires(306);
  record.set_version(307);
  record.set_no_files(true);
  record.set_key_wrap("key_");
  record.set_wipe(true);
  record.set_one_time(true);
  record.set_renewable(312);
  ExpectGolden(record, 12,
               "08ad0210ae021a046e616d6520b00228b10230b20238b30240014a046b65795f5001580160b802");
}

TEST(Records, Throttle) {
  Throttle record;
  record.set_due(301);
  record.set_failures(302);
  record.set_last(303);
  ExpectGolden(record, 3, "08ad0210ae0218af02");
}

TEST(Records, Session) {
  Session record;
  record.set_id(301);
  record.set_user(302);
  record.set_created(303);
  record.set_last_used(304);
  record.set_confirmed(305);
  record.set_user_version(306);
  record.set_agent("agen");
  record.set_pending(true);
  record.set_key_wrap("key_");
  ExpectGolden(record, 9, "08ad0210ae0218af0220b00228b10230b2023a046167656e40014a046b65795f");
}

TEST(Records, SecondFactor) {
  SecondFactor record;
  record.set_totp_secret("totp");
  record.set_totp_active(true);
  record.set_totp_step(303);
  record.add_backup_codes("one");
  record.add_backup_codes("two");
  ExpectGolden(record, 4, "0a04746f7470100118af0222036f6e65220374776f");
}

TEST(Records, SecondFactorPolicy) {
  SecondFactorPolicy record;
  record.set_enforced(true);
  record.add_groups("grou");
  record.add_excluded("excl");
  ExpectGolden(record, 3, "0801120467726f751a046578636c");
}

TEST(Records, Avatar) {
  Avatar record;
  record.set_png("pict");
  record.set_etag("etag");
  record.set_changed(303);
  ExpectGolden(record, 3, "0a047069637412046574616718af02");
}

TEST(Records, Share) {
  Share record;
  record.set_id(301);
  record.set_type(302);
  record.set_node(303);
  record.set_sharer(304);
  record.set_recipient(305);
  record.set_group("grou");
  record.set_permissions(307);
  record.set_created(308);
  record.set_expires(309);
  record.set_note("note");
  record.set_label("labe");
  record.set_attributes("attr");
  record.set_no_download(true);
  record.set_name("name");
  record.set_mail_sent(true);
  record.set_token("toke");
  record.set_password_hash("pass");
  record.set_version(318);
  record.set_hide_download(true);
  record.set_asks_name(true);
  ExpectGolden(
      record, 20,
      "08ad0210ae0218af0220b00228b102320467726f7538b30240b40248b50252046e6f74655a046c6162656204"
      "61747472680172046e616d657801820104746f6b658a01047061737390"
      "01be029801"
      "01a00101");
}

TEST(Records, ShareState) {
  ShareState record;
  record.set_acceptance(SHARE_DECLINED);
  record.set_parent(302);
  record.set_name("name");
  ExpectGolden(record, 3, "080210ae021a046e616d65");
}

TEST(Records, Transfer) {
  Transfer record;
  record.set_id(301);
  record.set_from(302);
  record.set_to(303);
  record.set_node(304);
  record.set_name("name");
  record.set_created(306);
  record.set_notification(307);
  ExpectGolden(record, 7, "08ad0210ae0218af0220b0022a046e616d6530b20238b302");
}

TEST(Records, Notification) {
  Notification record;
  record.set_id(301);
  record.set_kind(NOTIFICATION_TRANSFER_REJECTED);
  record.set_created(303);
  record.set_object(304);
  record.set_other(305);
  record.set_name("name");
  ExpectGolden(record, 6, "08ad02100218af0220b00228b10232046e616d65");
}

TEST(Records, LoginFlow) {
  LoginFlow record;
  record.set_client("clie");
  record.set_created(302);
  record.set_login_key("logi");
  record.set_user(304);
  record.set_user_version(305);
  record.set_key_wrap("key_");
  ExpectGolden(record, 6, "0a04636c696510ae021a046c6f676920b00228b10232046b65795f");
}

TEST(Records, OAuthClient) {
  OAuthClient record;
  record.set_id(301);
  record.set_name("name");
  record.set_redirect_uri("redi");
  record.set_identifier("iden");
  record.set_secret_hash("secr");
  record.set_created(306);
  ExpectGolden(record, 6, "08ad0212046e616d651a047265646922046964656e2a047365637230b202");
}

TEST(Records, OAuthGrant) {
  OAuthGrant record;
  record.set_kind(OAUTH_REFRESH);
  record.set_client("clie");
  record.set_user(303);
  record.set_user_version(304);
  record.set_created(305);
  record.set_used(306);
  record.set_redirect_uri("redi");
  record.set_challenge("chal");
  record.set_method(OAUTH_S256);
  record.set_token(310);
  record.set_current("curr");
  record.set_key_wrap("key_");
  ExpectGolden(record, 12,
               "08011204636c696518af0220b00228b10230b2023a04726564694204636861"
               "6c480250b6025a046375727262046b65795f");
}

}  // namespace
}  // namespace cairn::storage
