#include "http/checksum_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Checksums, ReadsSeveral) {
  const Checksum sha1{HashKind::kSha1, "a9993e364706816aba3e25717850c26c9cd0d89d"};
  const Checksum md5{HashKind::kMd5, "900150983cd24fb0d6963f7d28e17f72"};
  EXPECT_THAT(
      ParseChecksums(
          "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d MD5:900150983cd24fb0d6963f7d28e17f72"),
      ElementsAre(sha1, md5));
  EXPECT_THAT(ParseChecksums("sha1:A9993E364706816ABA3E25717850C26C9CD0D89D"), ElementsAre(sha1));
  EXPECT_THAT(ParseChecksums("  Md5:900150983cd24fb0d6963f7d28e17f72 ,, "), ElementsAre(md5));
  EXPECT_THAT(ParseChecksums("SHA3-256:ab"), ElementsAre(Checksum{HashKind::kSha3_256, "ab"}));
  EXPECT_THAT(ParseChecksums("Adler32:1a2b3c"),
              ElementsAre(Checksum{HashKind::kAdler32, "001a2b3c"}));
  EXPECT_EQ(FormatChecksums({sha1, md5}),
            "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d MD5:900150983cd24fb0d6963f7d28e17f72");
}

TEST(Checksums, SkipsWhatNobodyKnows) {
  for (const char* value :
       {"", "foo bar", "foo:bar", "SHA1", "SHA1:", ":abc", "SHA1 a9993e36", "CRC32:00"}) {
    EXPECT_THAT(ParseChecksums(value), IsEmpty()) << value;
  }
  EXPECT_THAT(ParseChecksums("foo:bar MD5:ab"), ElementsAre(Checksum{HashKind::kMd5, "ab"}));
}

TEST(Checksums, KeepsAWrongValueSoThatItFails) {
  EXPECT_THAT(ParseChecksums("SHA1:zz"), ElementsAre(Checksum{HashKind::kSha1, "zz"}));
}

TEST(Checksums, AreBounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "MD5:ab ";
  EXPECT_EQ(ParseChecksums(many).size(), 16U);
  EXPECT_THAT(ParseChecksums("MD5:" + std::string(129, 'a')), IsEmpty());
}

TEST(Mtime, AcceptsWhatAClientCanMean) {
  EXPECT_EQ(ParseMtime("1700000000"), 1'700'000'000);
  EXPECT_EQ(ParseMtime("1700000000.9"), 1'700'000'000);
  EXPECT_EQ(ParseMtime("1700000000."), 1'700'000'000);
  EXPECT_EQ(ParseMtime("86401"), 86'401);
  EXPECT_EQ(ParseMtime("2147483648"), 2'147'483'648);
  EXPECT_EQ(ParseMtime("4294967296"), 4'294'967'296);
  EXPECT_EQ(ParseMtime("253402300799"), 253'402'300'799);
}

TEST(Mtime, IgnoresEverythingElse) {
  for (const char* value : {"",
                            "abc",
                            "0",
                            "-5",
                            "-1700000000",
                            "86400",
                            "0x65543210",
                            "1e9",
                            " 1",
                            " 1700000000",
                            "1700000000 ",
                            "+1700000000",
                            "1700000000,5",
                            "1700000000.5.5",
                            "1700000000.5e3",
                            ".5",
                            "-",
                            "1700000000000",
                            "253402300800",
                            "9007199254740992",
                            "9223372036854775808",
                            "18446744073709551616",
                            "123456789012345678901234567890"}) {
    EXPECT_EQ(ParseMtime(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace cairn::http
