#include "http/if_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

IfHeader Parsed(std::string_view value) {
  auto header = ParseIfHeader(value);
  EXPECT_TRUE(header.has_value()) << value << ": "
                                  << (header.has_error() ? header.error().message : "");
  return header.has_value() ? *std::move(header) : IfHeader{};
}

IfCondition Token(std::string value, bool negated = false) {
  return {IfCondition::Kind::kStateToken, negated, std::move(value), false};
}
IfCondition Tag(std::string value, bool negated = false, bool weak = false) {
  return {IfCondition::Kind::kEntityTag, negated, std::move(value), weak};
}

// True conditions: token "held" and etag "now" on "/here" and on the request's own resource.
bool HoldsHere(std::string_view value) {
  const auto matches = [](std::string_view resource, const IfCondition& condition) {
    return (resource.empty() || resource == "/here") &&
           (condition.value == "held" || condition.value == "now");
  };
  return Holds(Parsed(value), matches);
}

TEST(IfHeader, ReadsUntaggedLists) {
  EXPECT_THAT(Parsed("(<opaquelocktoken:a>)"),
              ElementsAre(IfList{"", {Token("opaquelocktoken:a")}}));
  EXPECT_THAT(
      Parsed(" ( <a> [ \"e\" ] ) (Not <DAV:no-lock>)(not[W/\"f\"]) "),
      ElementsAre(IfList{"", {Token("a"), Tag("e")}}, IfList{"", {Token("DAV:no-lock", true)}},
                  IfList{"", {Tag("f", true, true)}}));
}

TEST(IfHeader, ReadsTaggedLists) {
  EXPECT_THAT(Parsed("</remote.php/dav/files/alice/p> ([\"other\"])"),
              ElementsAre(IfList{"/remote.php/dav/files/alice/p", {Tag("other")}}));
  EXPECT_THAT(
      Parsed("<http://h/a>(<t>)(Not<u>)<http://h/b>([\"e\"])"),
      ElementsAre(IfList{"http://h/a", {Token("t")}}, IfList{"http://h/a", {Token("u", true)}},
                  IfList{"http://h/b", {Tag("e")}}));
}

TEST(IfHeader, IsLenientWithEntityTags) {
  EXPECT_THAT(Parsed("([abc])"), ElementsAre(IfList{"", {Tag("abc")}}));
  EXPECT_THAT(Parsed("([\"a]b\"])"), ElementsAre(IfList{"", {Tag("a]b")}}));
  EXPECT_THAT(Parsed("([abc] [\"d\"])"), ElementsAre(IfList{"", {Tag("abc"), Tag("d")}}));
}

TEST(IfHeader, RefusesMalformedText) {
  for (const char* value : {"",
                            "   ",
                            "()",
                            "(",
                            "(<a>",
                            "(<a",
                            "(<>)",
                            "([])",
                            "([\"\"])",
                            "([\"a\")",
                            "<a>",
                            "<a><b>(<c>)",
                            "<>(<a>)",
                            "(<a>) <b> (<c>)",
                            "<a> (<b>) <c>",
                            "(a)",
                            "a",
                            "(Not)",
                            "(Not Not <a>)",
                            "(<a>))",
                            "[\"e\"]",
                            "<a>"}) {
    EXPECT_EQ(ParseIfHeader(value).error().code, ErrorCode::kInvalidArgument) << value;
  }
}

TEST(IfHeader, IsBounded) {
  const auto conditions = [](std::size_t count) {
    std::string value;
    for (std::size_t i = 0; i < count; ++i) value += "(<a>)";
    return value;
  };
  EXPECT_TRUE(ParseIfHeader(conditions(kMaxIfConditions)).has_value());
  EXPECT_TRUE(ParseIfHeader(conditions(kMaxIfConditions + 1)).has_error());
  const auto long_token = [](std::size_t total) {
    return "(<" + std::string(total - 4, 'a') + ">)";
  };
  EXPECT_TRUE(ParseIfHeader(long_token(kMaxIfHeaderBytes)).has_value());
  EXPECT_TRUE(ParseIfHeader(long_token(kMaxIfHeaderBytes + 1)).has_error());
}

TEST(IfHeader, HoldsWhenOneListDoes) {
  EXPECT_TRUE(HoldsHere("(<held>)"));
  EXPECT_FALSE(HoldsHere("(<gone>)"));
  EXPECT_TRUE(HoldsHere("(<gone>) (<held>)"));
  EXPECT_TRUE(HoldsHere("(<held> [\"now\"])"));
  EXPECT_FALSE(HoldsHere("(<held> [\"old\"])"));
  EXPECT_TRUE(HoldsHere("(<gone>) (Not <DAV:no-lock>)"));
  EXPECT_FALSE(HoldsHere("(Not <held>)"));
  EXPECT_TRUE(HoldsHere("</here> ([\"now\"])"));
  EXPECT_FALSE(HoldsHere("</there> ([\"now\"])"));
  EXPECT_TRUE(HoldsHere("</there> (<held>) </here> (<held>)"));
}

TEST(IfHeader, SubmitsEveryStateToken) {
  EXPECT_THAT(SubmittedTokens(Parsed("(<a> [\"e\"]) (Not <b>) (<a>)")), ElementsAre("a", "b"));
  EXPECT_THAT(SubmittedTokens(Parsed("<http://h/x> (<a>) </y> (<c>)")), ElementsAre("a", "c"));
  EXPECT_THAT(SubmittedTokens(Parsed("([\"e\"])")), IsEmpty());
}

TEST(LockToken, MayLackItsBrackets) {
  EXPECT_EQ(ParseLockToken("<opaquelocktoken:a>"), "opaquelocktoken:a");
  EXPECT_EQ(ParseLockToken(" opaquelocktoken:a "), "opaquelocktoken:a");
  for (const std::string& bad :
       {std::string(), std::string("<>"), std::string("<a"), std::string("a b"),
        std::string("<a>,<b>"), std::string("a\xff"), std::string(1025, 'a')}) {
    EXPECT_EQ(ParseLockToken(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace cairn::http
