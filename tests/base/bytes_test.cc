#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/random.h"

namespace cairn {
namespace {

using namespace std::string_literals;

TEST(Integers, KeepTheirOrderAsBigEndianBytes) {
  EXPECT_EQ(Big64(0x0102030405060708), "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_LT(Big64(255), Big64(256));
  EXPECT_LT(Big64(INT64_MAX), Big64(UINT64_MAX));
  for (std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x8000000000000000}, UINT64_MAX}) {
    EXPECT_EQ(ReadBig64(Big64(value)), value);
    std::string little;
    AppendLittle64(little, value);
    EXPECT_EQ(ReadLittle64(little), value);
  }
  std::string little;
  AppendLittle64(little, 1);
  EXPECT_EQ(little, "\x01\0\0\0\0\0\0\0"s);
}

TEST(Hex, RoundTrips) {
  EXPECT_EQ(ToHex("\x00\xff\x1a"s), "00ff1a");
  EXPECT_EQ(FromHex("00FF1a"), "\x00\xff\x1a"s);
  EXPECT_EQ(FromHex(""), "");
  for (const char* bad : {"0", "0g", "g0", " 0", "0x"})
    EXPECT_EQ(FromHex(bad), std::nullopt) << bad;
}

TEST(Base64, MatchesRfc4648) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : rows) {
    EXPECT_EQ(ToBase64(plain), text);
    EXPECT_EQ(FromBase64(text), plain);
  }
  EXPECT_EQ(ToBase64("\xfb\xff\xfe"), "+//+");
}

TEST(Base64, HasOneTextForEachValue) {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg==Zg==", "Zh==", "Zm9=", "Zm 8=", "====", "=",
                          "A===", "Zg==\n", "Zm-_", "Z=g="}) {
    EXPECT_EQ(FromBase64(bad), std::nullopt) << bad;
  }
  SeededRandom random(1);
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string bytes = random.Bytes(size);
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
}

TEST(ParseUint, TakesUpToNineteenDigits) {
  EXPECT_EQ(ParseUint("0"), 0U);
  EXPECT_EQ(ParseUint("2147483648"), 2147483648U);
  EXPECT_EQ(ParseUint("4294967296"), 4294967296U);
  EXPECT_EQ(ParseUint("9007199254740992"), 9007199254740992U);
  EXPECT_EQ(ParseUint("9223372036854775808"), 9223372036854775808U);
  EXPECT_EQ(ParseUint("9999999999999999999"), 9999999999999999999U);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1e9", "0x1", "1.0", "18446744073709551616",
                          "123456789012345678901234567890"}) {
    EXPECT_EQ(ParseUint(bad), std::nullopt) << bad;
  }
}

TEST(ParseInt, TakesASign) {
  EXPECT_EQ(ParseInt("-1"), -1);
  EXPECT_EQ(ParseInt("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInt("-9223372036854775807"), -INT64_MAX);
  for (const char* bad :
       {"", "-", "--1", "+1", "9223372036854775808", "-9223372036854775808", "1e9", " 1"}) {
    EXPECT_EQ(ParseInt(bad), std::nullopt) << bad;
  }
}

TEST(Text, IsAsciiOnly) {
  EXPECT_EQ(ToLower("AbZ[\xc3\x9c"), "abz[\xc3\x9c");
  EXPECT_TRUE(EqualsIgnoreCase("Content-Length", "content-LENGTH"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
  EXPECT_EQ(Trim(" \ta b\t "), "a b");
  EXPECT_EQ(Trim(" \t "), "");
  EXPECT_EQ(Trim("\na"), "\na");
}

TEST(ConstantTimeEqual, Compares) {
  EXPECT_TRUE(ConstantTimeEqual("secret", "secret"));
  EXPECT_FALSE(ConstantTimeEqual("secret", "secreT"));
  EXPECT_FALSE(ConstantTimeEqual("secret", "secre"));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
}

TEST(Id128, RoundTrips) {
  SeededRandom random(7);
  const BlobId id = random.NewBlobId();
  EXPECT_EQ(BlobId::FromHex(id.Hex()), id);
  EXPECT_EQ(BlobId::FromBytes(id.view()), id);
  EXPECT_EQ(id.Hex().size(), 32U);
  EXPECT_FALSE(id.empty());
  EXPECT_TRUE(BlobId{}.empty());
  EXPECT_EQ(BlobId::FromBytes("short"), std::nullopt);
  EXPECT_EQ(BlobId::FromHex("zz"), std::nullopt);
}

}  // namespace
}  // namespace cairn
