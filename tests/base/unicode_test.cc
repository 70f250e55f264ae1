#include "base/unicode.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Utf8, AcceptsWellFormedText) {
  for (const std::string& good :
       {std::string(), std::string("a"), std::string("ü"), std::string("\xf0\x9f\x98\x80"),
        std::string("a\0b", 3), std::string("\xf4\x8f\xbf\xbf"), std::string("\xef\xbf\xbf")}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
}

TEST(Utf8, RefusesEverythingElse) {
  for (const char* bad :
       {"\xff", "\xc3", "a\xc3", "\xc0\xae", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\x80", "\xe2\x82", "\xf8\x88\x80\x80\x80", "\xc3\xc3"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(CharactersIn(""), 0u);
  EXPECT_EQ(CharactersIn("aü\xf0\x9f\x98\x80"), 3u);
  EXPECT_EQ(CharactersIn("\xff\x80"), 1u);
}

TEST(Nfc, ComposesAndIsStable) {
  EXPECT_EQ(Nfc("u\xcc\x88"), "ü");
  EXPECT_EQ(Nfc("ü"), "ü");
  EXPECT_EQ(Nfc("plain"), "plain");
  EXPECT_EQ(Nfc(""), "");
  EXPECT_EQ(Nfc("\xe1\x84\x80\xe1\x85\xa1"), "\xea\xb0\x80");  // Hangul
  EXPECT_EQ(Nfc("\xe2\x84\xab"), "\xc3\x85");                  // Angstrom sign
  EXPECT_EQ(Nfc("\xef\xac\x81"), "\xef\xac\x81");  // no compatibility mapping: fi ligature
  EXPECT_EQ(Nfc(*Nfc("e\xcc\x81\xcc\xa7")), Nfc("e\xcc\x81\xcc\xa7"));
  EXPECT_EQ(Nfc("A"), "A");  // no case folding
}

TEST(Nfc, RefusesInvalidUtf8) { EXPECT_EQ(Nfc("a\xff"), std::nullopt); }

TEST(UpperInitial, IsOneCharacter) {
  EXPECT_EQ(UpperInitial("alice"), "A");
  EXPECT_EQ(UpperInitial("Bob"), "B");
  EXPECT_EQ(UpperInitial("éva"), "É");
  EXPECT_EQ(UpperInitial("жук"), "Ж");
  EXPECT_EQ(UpperInitial("中"), "中");
  EXPECT_EQ(UpperInitial("\xf0\x9f\x98\x80x"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(UpperInitial("1st"), "1");
  EXPECT_EQ(UpperInitial(""), "");
  EXPECT_EQ(UpperInitial("\xff"), "");
}

TEST(Unicode, HasAVersion) { EXPECT_NE(UnicodeVersion().find('.'), std::string_view::npos); }

}  // namespace
}  // namespace cairn
