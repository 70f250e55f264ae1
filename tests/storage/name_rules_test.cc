#include <gtest/gtest.h>

#include <string>

#include "storage/file_tree.h"
#include "storage/schema.h"

namespace cairn::storage {
namespace {

TEST(CheckName, TakesWhatNextcloudTakes) {
  for (const char* name : {"a",
                           " lead.txt",
                           "trail.txt ",
                           "dot.",
                           "...",
                           "....",
                           "co:lon",
                           "st*r",
                           "quest?ion",
                           "pi|pe",
                           "quo\"te",
                           "<lt>",
                           "ha#sh",
                           "per%cent",
                           "pl+us",
                           "a&b",
                           "del\x7f",
                           "\xf0\x9f\x98\x80.txt",
                           "CON",
                           "aux.txt",
                           "\xe2\x80\x8frtl",
                           "zero\xe2\x80\x8bwidth",
                           ".dotfile",
                           ".user.ini",
                           "part",
                           "x.part.txt",
                           "xpart",
                           ".htaccess.bak",
                           "c1\xc2\x85",
                           "\xef\xbf\xbd"}) {
    const auto key = CheckName(name);
    ASSERT_TRUE(key.has_value()) << name << ": " << key.error().message;
    EXPECT_EQ(*key, name);
  }
}

TEST(CheckName, RefusesWhatNoPathCarriesAndNoClientExpects) {
  const std::string names[] = {"",
                               ".",
                               "..",
                               "a/b",
                               "/",
                               "a\\b",
                               "a\tb",
                               "a\nb",
                               "\x01",
                               "\x1f",
                               std::string("a\0b", 3),
                               ".htaccess",
                               ".HTACCESS",
                               ".HtAccess",
                               "x.part",
                               "X.PART",
                               ".part",
                               "x.filepart",
                               "x.FilePart",
                               ".filepart",
                               "\xff",
                               "a\xc3",
                               "\xed\xa0\x80",
                               "\xc0\xaf",
                               "\xf4\x90\x80\x80",
                               "\xef\xbf\xbe",
                               "a\xef\xbf\xbf"};
  for (const std::string& name : names) {
    const auto key = CheckName(name);
    ASSERT_TRUE(key.has_error()) << name;
    EXPECT_EQ(key.error().code, ErrorCode::kInvalidName) << name;
    EXPECT_FALSE(key.error().message.empty());
  }
}

TEST(CheckName, KeyIsNfc) {
  const std::string nfd = "u\xcc\x88.txt";
  const std::string nfc = "\xc3\xbc.txt";
  EXPECT_EQ(*CheckName(nfd), nfc);
  EXPECT_EQ(*CheckName(nfc), nfc);
  EXPECT_NE(*CheckName("A"), *CheckName("a"));  // letter case tells names apart
}

TEST(CheckNewName, LimitsTheKey) {
  EXPECT_TRUE(CheckNewName(std::string(250, 'n')).has_value());
  EXPECT_TRUE(CheckNewName(std::string(251, 'n')).has_error());
}

TEST(CheckName, LimitsBothForms) {
  EXPECT_TRUE(CheckName(std::string(255, 'n')).has_value());
  EXPECT_TRUE(CheckName(std::string(256, 'n')).has_error());
  // 3 bytes decomposed, 2 composed: short enough as a key only.
  std::string decomposed;
  for (int i = 0; i < 86; ++i) decomposed += "u\xcc\x88";
  EXPECT_TRUE(CheckName(decomposed).has_error());
  // U+1D160 grows in NFC, from 4 bytes to 12.
  std::string growing;
  for (int i = 0; i < 63; ++i) growing += "\xf0\x9d\x85\xa0";
  ASSERT_LE(growing.size(), kMaxNameBytes);
  EXPECT_TRUE(CheckName(growing).has_error());
}

}  // namespace
}  // namespace cairn::storage
