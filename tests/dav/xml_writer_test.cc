#include "dav/xml_writer.h"

#include <gtest/gtest.h>

namespace cairn::dav {
namespace {

std::string Escaped(std::string_view text) {
  std::string out = ">";
  AppendEscaped(out, text);
  return out.substr(1);
}

TEST(XmlWriter, EscapesMarkup) {
  EXPECT_EQ(Escaped("plain text/with:all~kinds"), "plain text/with:all~kinds");
  EXPECT_EQ(Escaped("a&b<c>d\"e'f"), "a&amp;b&lt;c&gt;d&quot;e'f");
  EXPECT_EQ(Escaped("&&"), "&amp;&amp;");
  EXPECT_EQ(Escaped("tab\tline\nreturn\r"), "tab\tline\nreturn&#13;");
}

TEST(XmlWriter, KeepsUtf8) {
  EXPECT_EQ(Escaped("\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(Escaped("a\x7f"
                    "b"),
            "a\x7f"
            "b");
}

TEST(XmlWriter, ReplacesWhatXmlCannotCarry) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(Escaped(std::string_view("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(Escaped("\x01\x1f"), replacement + replacement);
  EXPECT_EQ(Escaped("x\xff"), "x" + replacement);
  EXPECT_EQ(Escaped("\xc3"), replacement);                                      // cut
  EXPECT_EQ(Escaped("\xc0\xaf"), replacement + replacement);                    // overlong
  EXPECT_EQ(Escaped("\xed\xa0\x80"), replacement + replacement + replacement);  // surrogate
  EXPECT_EQ(Escaped("\xef\xbf\xbe"), replacement + replacement + replacement);  // U+FFFE
}

TEST(XmlNames, UsesTheFixedPrefixes) {
  XmlNames names;
  std::string out;
  names.Open(out, {std::string(kDavNs), "getetag"});
  names.Close(out, {std::string(kDavNs), "getetag"});
  names.Empty(out, {std::string(kOcNs), "id"});
  names.Empty(out, {std::string(kNcNs), "lock"});
  names.Empty(out, {std::string(kSabreNs), "x"});
  EXPECT_EQ(out, "<d:getetag></d:getetag><oc:id/><nc:lock/><s:x/>");
}

TEST(XmlNames, NumbersForeignNamespacesInTheOrderTheyCome) {
  XmlNames names;
  std::string out;
  names.Open(out, {"urn:a", "one"});
  names.Close(out, {"urn:a", "one"});
  names.Empty(out, {"urn:b&c", "two"});
  names.Empty(out, {"urn:a", "three"});
  names.Empty(out, {"", "none"});
  EXPECT_EQ(out,
            "<x1:one xmlns:x1=\"urn:a\"></x1:one><x2:two xmlns:x2=\"urn:b&amp;c\"/><x1:three "
            "xmlns:x1=\"urn:a\"/>"
            "<none xmlns=\"\"/>");
}

}  // namespace
}  // namespace cairn::dav
