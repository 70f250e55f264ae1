#include "dav/xml_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace cairn::dav {
namespace {

std::string Repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

XmlElement Parsed(std::string_view body) {
  auto parsed = ParseXml(body);
  EXPECT_TRUE(parsed.has_value()) << (parsed.has_error() ? parsed.error().message : "");
  return parsed.has_value() ? std::move(*parsed) : XmlElement();
}

TEST(XmlReader, ReadsNamesByNamespaceWhateverThePrefix) {
  const auto root = Parsed(
      "<a:propfind xmlns:a='DAV:'><a:prop><size xmlns='http://owncloud.org/ns'/>"
      "<a:getetag/></a:prop></a:propfind>");
  EXPECT_EQ(root.name, (XmlName{"DAV:", "propfind"}));
  const XmlElement* prop = root.Child(kDavNs, "prop");
  ASSERT_NE(prop, nullptr);
  ASSERT_EQ(prop->children.size(), 2u);
  EXPECT_EQ(prop->children[0].name, (XmlName{std::string(kOcNs), "size"}));
  EXPECT_EQ(prop->children[1].name, (XmlName{"DAV:", "getetag"}));
  EXPECT_EQ(root.Child(kOcNs, "prop"), nullptr);
}

TEST(XmlReader, KeepsTextAndAttributes) {
  const auto root =
      Parsed("<r k=\"v &amp; w\" xmlns:x='urn:x' x:k='2'>one<b/> &lt;two&gt;<![CDATA[ <3>]]></r>");
  EXPECT_EQ(root.text, "one <two> <3>");
  ASSERT_EQ(root.attributes.size(), 2u);
  EXPECT_EQ(root.attributes[0], (std::pair<XmlName, std::string>({"", "k"}, "v & w")));
  EXPECT_EQ(root.attributes[1], (std::pair<XmlName, std::string>({"urn:x", "k"}, "2")));
}

TEST(XmlReader, SerialisesADeadPropertyAsRecorded) {
  const auto root = Parsed(
      "<d:prop xmlns:d='DAV:' xmlns:x='http://example.org/ns' xmlns:oc='http://owncloud.org/ns'>"
      "<x:complex><x:a k=\"v\">text</x:a></x:complex>"
      "<oc:tags><oc:tag>one</oc:tag><oc:tag>t&amp;o</oc:tag></oc:tags><x:color>red</x:color>"
      "<x:none><n xmlns=''/></x:none></d:prop>");
  ASSERT_EQ(root.children.size(), 4u);
  EXPECT_EQ(root.children[0].inner_xml,
            "<x1:a xmlns:x1=\"http://example.org/ns\" k=\"v\">text</x1:a>");
  EXPECT_EQ(root.children[1].inner_xml, "<oc:tag>one</oc:tag><oc:tag>t&amp;o</oc:tag>");
  EXPECT_EQ(root.children[2].inner_xml, "red");
  EXPECT_EQ(root.children[3].inner_xml, "<n xmlns=\"\"/>");
  EXPECT_EQ(root.inner_xml, "");
}

TEST(XmlReader, SerialisesForeignAttributesWithTheirNamespace) {
  const auto root = Parsed(
      "<d:prop xmlns:d='DAV:'><p><d:a xmlns:y='urn:y' y:k='1&#10;\"2\"' d:h='3' xml:lang='de'/></p>"
      "</d:prop>");
  EXPECT_EQ(root.children[0].inner_xml,
            "<d:a x1:k=\"1&#10;&quot;2&quot;\" xmlns:x1=\"urn:y\" d:h=\"3\" xml:lang=\"de\"/>");
}

TEST(XmlReader, SerialisedContentCanBeReadAgain) {
  const auto root = Parsed(
      "<d:prop xmlns:d='DAV:'><p><a xmlns='urn:a'><b xmlns='urn:b' c='1'>x</b></a></p></d:prop>");
  const std::string again =
      "<d:prop xmlns:d='DAV:'><p xmlns='urn:p'>" + root.children[0].inner_xml + "</p></d:prop>";
  const auto second = Parsed(again);
  EXPECT_EQ(second.children[0].inner_xml, root.children[0].inner_xml);
  EXPECT_EQ(second.children[0].children[0].children[0].name, (XmlName{"urn:b", "b"}));
}

TEST(XmlReader, ReadsOtherEncodings) {
  EXPECT_EQ(Parsed("<?xml version='1.0' encoding='ISO-8859-1'?><r>\xfc</r>").text, "\xc3\xbc");
  const std::string utf16("\xff\xfe<\0r\0>\0\xfc\0<\0/\0r\0>\0", 18);
  EXPECT_EQ(Parsed(utf16).text, "\xc3\xbc");
  EXPECT_EQ(Parsed("\xef\xbb\xbf<r>x</r>").text, "x");
}

TEST(XmlReader, BoundsAreWhereTheySay) {
  EXPECT_TRUE(ParseXml(Repeated("<a>", 64) + Repeated("</a>", 64)).has_value());
  EXPECT_TRUE(ParseXml("<r>" + Repeated("<a/>", 9'999) + "</r>").has_value());
  EXPECT_TRUE(ParseXml("<r>" + std::string(kMaxXmlBody - 7, 'x') + "</r>").has_value());
}

// T-46: each of these is refused, quickly, and nothing is opened on its behalf.
TEST(XmlReader, RefusesTheAttackCorpus) {
  const std::string laughs =
      "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
      "\"&b;&b;&b;&b;&b;&b;&b;&b;\">"
      "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e "
      "\"&d;&d;&d;&d;&d;&d;&d;&d;\">]><l>&e;</l>";
  std::string attributes = "<r";
  for (int i = 0; i < 10'001; ++i) attributes += " a" + std::to_string(i) + "='1'";
  const std::array<std::pair<std::string_view, std::string>, 20> corpus{{
      {"billion laughs", laughs},
      {"quadratic blowup", "<!DOCTYPE l [<!ENTITY a \"" + std::string(50'000, 'x') + "\">]><l>" +
                               Repeated("&a;", 1000) + "</l>"},
      {"external entity", "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>"},
      {"external entity over http",
       "<!DOCTYPE r [<!ENTITY x SYSTEM \"http://127.0.0.1/\">]><r>&x;</r>"},
      {"parameter entity", "<!DOCTYPE r [<!ENTITY % x SYSTEM \"file:///etc/passwd\"> %x;]><r/>"},
      {"external subset", "<!DOCTYPE r SYSTEM \"http://127.0.0.1/evil.dtd\"><r/>"},
      {"public identifier", "<!DOCTYPE r PUBLIC \"-//W3C//DTD\" \"http://127.0.0.1/\"><r/>"},
      {"empty doctype", "<!DOCTYPE r><r/>"},
      {"undeclared entity", "<r>&nbsp;</r>"},
      {"deep", Repeated("<a>", 65) + Repeated("</a>", 65)},
      {"very deep", Repeated("<a>", 100'000)},
      {"wide", "<r>" + Repeated("<a/>", 10'000) + "</r>"},
      {"many attributes", attributes + "/>"},
      {"long namespace", "<r xmlns='urn:" + std::string(2000, 'n') + "'/>"},
      {"larger than a megabyte", "<r>" + std::string(kMaxXmlBody, 'x') + "</r>"},
      {"unbound prefix", "<x:r/>"},
      {"control character", std::string("<r>\x01</r>")},
      {"invalid UTF-8", "<r>\xff\xfe\xfa</r>"},
      {"unknown encoding", "<?xml version='1.0' encoding='UTF-7'?><r/>"},
      {"two roots", "<r/><r/>"},
  }};
  for (const auto& [name, body] : corpus) {
    const auto before = std::chrono::steady_clock::now();
    const auto parsed = ParseXml(body);
    const auto took = std::chrono::steady_clock::now() - before;
    ASSERT_TRUE(parsed.has_error()) << name;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument) << name;
    EXPECT_LT(took, std::chrono::milliseconds(500)) << name;
  }
}

TEST(XmlReader, RefusesWhatIsNotXml) {
  for (const std::string_view body :
       {"", "hello", "<x", "<d:prop xmlns:d='DAV:'>", "<a></b>", "<a b=c/>"}) {
    EXPECT_TRUE(ParseXml(body).has_error()) << body;
  }
}

}  // namespace
}  // namespace cairn::dav
