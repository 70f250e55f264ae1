#include "dav/archive.h"

#include "http/url.h"
#include "tests/dav/dav_fixture.h"
#include "tests/support/archive_reader.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class ArchiveTest : public DavCase {
 protected:
  ArchiveTest() {
    Mkcol("/tree");
    Mkcol("/tree/sub");
    Mkcol("/tree/empty");
    Put("/tree/a.txt", "first");
    Put("/tree/sub/b.txt", std::string(300'000, 'b'));
    Put("/tree/sub/zero", "");
    Put("/outside.txt", "secret");
  }
  Answer Download(std::string_view path, HeaderList headers = {}) {
    headers.emplace_back("Accept", "application/zip");
    return Ask("GET", path, headers);
  }
  static std::vector<std::string> Names(const Answer& answer) {
    const ReadArchive read = ReadArchiveBytes(answer.body);
    EXPECT_TRUE(read.whole);
    std::vector<std::string> names;
    for (const auto& [name, content] : read.files) names.push_back(name);
    return names;
  }
};

TEST_F(ArchiveTest, ZipHoldsTheFolderWithItsName) {
  const Answer answer = Download("/tree");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/zip");
  EXPECT_THAT(answer.Header("Content-Disposition"), HasSubstr("filename=\"tree.zip\""));
  EXPECT_EQ(answer.Header("Accept-Ranges"), "none");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.announced, std::nullopt);
  const ReadArchive read = ReadArchiveBytes(answer.body);
  EXPECT_TRUE(read.whole);
  EXPECT_THAT(read.files,
              ElementsAre(Pair("tree/", ""), Pair("tree/a.txt", "first"), Pair("tree/empty/", ""),
                          Pair("tree/sub/", ""), Pair("tree/sub/b.txt", std::string(300'000, 'b')),
                          Pair("tree/sub/zero", "")));
}

TEST_F(ArchiveTest, TarHoldsTheSame) {
  const Answer answer = Ask("GET", "/tree", {{"Accept", "application/x-tar"}});
  EXPECT_EQ(answer.Header("Content-Type"), "application/x-tar");
  EXPECT_EQ(ReadArchiveBytes(answer.body).files, ReadArchiveBytes(Download("/tree").body).files);
}

TEST_F(ArchiveTest, TheQueryAsksAsWell) {
  EXPECT_EQ(Ask("GET", "/tree?accept=zip").Header("Content-Type"), "application/zip");
  EXPECT_EQ(Ask("GET", "/tree?accept=tar").Header("Content-Type"), "application/x-tar");
  EXPECT_EQ(Ask("GET", "/tree?accept=rar").Header("Content-Type"), "text/html; charset=UTF-8");
  EXPECT_EQ(Ask("GET", "/tree", {{"Accept", "*/*"}}).Header("Content-Type"),
            "text/html; charset=UTF-8");
  EXPECT_EQ(
      Ask("GET", "/tree", {{"Accept", "text/html, application/zip;q=0.5"}}).Header("Content-Type"),
      "application/zip");
  EXPECT_EQ(Ask("HEAD", "/tree", {{"Accept", "application/zip"}}).Header("Content-Type"),
            "text/html; charset=UTF-8");
  EXPECT_EQ(Ask("GET", "/tree/a.txt", {{"Accept", "application/zip"}}).body, "first");
}

TEST_F(ArchiveTest, TheHomeHasNoNameInside) {
  const Answer answer = Download("/");
  EXPECT_THAT(answer.Header("Content-Disposition"), HasSubstr("alice.zip"));
  EXPECT_THAT(Names(answer), testing::Contains("outside.txt"));
  EXPECT_THAT(Names(answer), testing::Contains("tree/a.txt"));
}

TEST_F(ArchiveTest, MembersCanBeChosen) {
  EXPECT_THAT(Names(Download("/tree", {{"X-NC-Files", "a.txt"}})), ElementsAre("a.txt"));
  EXPECT_THAT(Names(Ask("GET", "/tree?accept=zip&files=%5B%22a.txt%22,%22sub%22,%22a.txt%22%5D")),
              ElementsAre("a.txt", "sub/", "sub/b.txt", "sub/zero"));
  const Answer missing = Download("/tree", {{"X-NC-Files", "nope.txt"}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_FALSE(missing.streamed);
}

TEST_F(ArchiveTest, NothingOutsideTheFolderCanBeNamed) {
  for (const std::string_view name :
       {"../outside.txt", "..", ".", "/outside.txt", "sub/../../outside.txt", "sub/b.txt", "%2e%2e",
        "..%2foutside.txt", "%2e%2e%2foutside.txt", "", "a.txt%00", "..\\outside.txt", "%c0%ae"}) {
    const Answer header = Download("/tree", {{"X-NC-Files", std::string(name)}});
    EXPECT_TRUE(header.status == 400 || header.status == 404) << name << " " << header.status;
    std::string json = "[\"";
    for (const char c : name) json += c == '\\' ? std::string("\\\\") : std::string(1, c);
    const Answer query =
        Ask("GET", "/tree?accept=zip&files=" + http::EncodeUriComponent(json + "\"]"));
    EXPECT_TRUE(query.status == 400 || query.status == 404) << name << " " << query.status;
  }
}

TEST_F(ArchiveTest, AListThatIsNoneIsRefused) {
  for (const std::string_view list :
       {"a.txt", "{}", "[1]", "[[\"a.txt\"]]", "[\"a.txt\"", "null"}) {
    const Answer answer = Ask("GET", "/tree?accept=zip&files=" + http::EncodeUriComponent(list));
    EXPECT_EQ(answer.status, 400) << list;
  }
}

TEST_F(ArchiveTest, NamesAreUtf8) {
  Mkcol("/tree/s\xc3\xbc\xc3\x9f");
  Put("/tree/s\xc3\xbc\xc3\x9f/\xe6\x96\x87.txt", "x");
  EXPECT_THAT(Names(Download("/tree")),
              testing::Contains("tree/s\xc3\xbc\xc3\x9f/\xe6\x96\x87.txt"));
  EXPECT_THAT(Names(Ask("GET", "/tree?accept=tar")),
              testing::Contains("tree/s\xc3\xbc\xc3\x9f/\xe6\x96\x87.txt"));
}

TEST_F(ArchiveTest, ABadBlobBreaksTheConnection) {
  Put("/tree/zz.bin", std::string(1'000'000, 'z'));
  DamageContent("/tree/zz.bin", 900'000);
  const Answer answer = Download("/tree");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.aborted);
  EXPECT_FALSE(answer.ended);
  EXPECT_FALSE(ReadArchiveBytes(answer.body).whole);
}

TEST_F(ArchiveTest, WhatIsDeletedMeanwhileIsLeftOut) {
  Mkcol("/tree/zlast");
  Put("/tree/zlast/gone.txt", "x");
  Put("/tree/middle.bin", std::string(1'000'000, 'm'));
  bool deleted = false;
  on_write_ = [&] {
    if (std::exchange(deleted, true)) return;
    EXPECT_EQ(Do("DELETE", std::string(kHome) + "/tree/zlast/gone.txt").status, 204);
  };
  const Answer answer = Download("/tree");
  EXPECT_TRUE(answer.ended);
  EXPECT_THAT(Names(answer), testing::Contains("tree/zlast/"));
  EXPECT_THAT(Names(answer), testing::Not(testing::Contains("tree/zlast/gone.txt")));
}

TEST_F(ArchiveTest, ManyMembersComeFromSeveralPages) {
  Mkcol("/many");
  for (int i = 0; i < 700; ++i) Put("/many/f" + std::to_string(i), std::to_string(i));
  const ReadArchive read = ReadArchiveBytes(Download("/many").body);
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(read.entries, 701u);
  EXPECT_EQ(read.files.at("many/f699"), "699");
}

TEST_F(ArchiveTest, OthersFoldersAreNotThere) {
  EXPECT_EQ(Do("GET", std::string(kHome) + "/tree?accept=zip", {}, {}, "").status, 401);
}

TEST(ArchiveWriter, MoreEntriesThanAnOldZipCanCount) {
  std::string out;
  ArchiveWriter writer(ArchiveKind::kZip, out);
  constexpr std::size_t kCount = 70'000;
  for (std::size_t i = 0; i < kCount; ++i)
    ASSERT_TRUE(writer.AddFolder("d" + std::to_string(i) + "/", 1'700'000'000).has_value());
  ASSERT_TRUE(writer.Finish().has_value());
  const ReadArchive read = ReadArchiveBytes(out);
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(read.entries, kCount);
}

TEST(ArchiveWriter, AnUnfinishedOneDoesNotLookWhole) {
  for (const ArchiveKind kind : {ArchiveKind::kZip, ArchiveKind::kTar}) {
    std::string out;
    {
      ArchiveWriter writer(kind, out);
      ASSERT_TRUE(writer.AddFolder("a/", 1).has_value());
      ASSERT_TRUE(writer.BeginFile("a/b", 10, 1).has_value());
      ASSERT_TRUE(writer.Append("12345").has_value());
    }
    EXPECT_FALSE(ReadArchiveBytes(out).whole);
  }
}

}  // namespace
}  // namespace cairn::dav
