#include "http/multipart.h"

#include <gtest/gtest.h>

#include "tests/fuzz/multipart_property.h"

namespace cairn::http {
namespace {

using fuzz::FormOutcome;
using fuzz::FormPart;

constexpr std::string_view kType = "multipart/form-data; boundary=B";

FormOutcome Read(std::string_view body, std::string_view type = kType) {
  auto parser = Multipart::Open(type);
  EXPECT_TRUE(parser.has_value());
  if (parser.has_error()) return {};
  return fuzz::ReadInPieces(std::move(*parser), body, 5);
}

std::string PartOf(std::string_view disposition, std::string_view data,
                   std::string_view more = "") {
  return std::string("--B\r\nContent-Disposition: form-data; ")
      .append(disposition)
      .append("\r\n")
      .append(more)
      .append("\r\n")
      .append(data)
      .append("\r\n");
}

TEST(Multipart, PartsAsBrowsersSendThem) {
  const FormOutcome read = Read(
      PartOf("name=\"nickname\"", "Bob") +
      PartOf("name=\"file\"; filename=\"\xc3\xa4 %22b%22 %41.txt\"", "one\r\n--\r\ntwo",
             "Content-Type: text/plain\r\n") +
      PartOf("name=\"file\"; filename=\"\"", "", "Content-Type: application/octet-stream\r\n") +
      "--B--\r\n");
  const FormOutcome expected{false,
                             {FormPart{"nickname", std::nullopt, "Bob", true},
                              FormPart{"file", "\xc3\xa4 \"b\" %41.txt", "one\r\n--\r\ntwo", true},
                              FormPart{"file", "", "", true}}};
  EXPECT_EQ(read, expected);
}

TEST(Multipart, ABackslashIsACharacter) {
  const FormOutcome read = Read(PartOf(R"(name=file; filename="C:\dir\a.txt")", "x") + "--B--");
  ASSERT_EQ(read.parts.size(), 1U);
  EXPECT_EQ(read.parts[0].file, R"(C:\dir\a.txt)");
}

TEST(Multipart, AFormWithoutParts) {
  EXPECT_EQ(Read("--B--"), FormOutcome{});
  EXPECT_EQ(Read("--B--\r\nwhat follows means nothing\r\n--B\r\n"), FormOutcome{});
}

TEST(Multipart, TheTypeAndItsBoundary) {
  const std::string longest(70, 'b');
  for (const std::string& good :
       {std::string("Multipart/Form-Data;boundary=B"),
        std::string("multipart/form-data; charset=utf-8; boundary=\"a b:c\""),
        "multipart/form-data; boundary=" + longest})
    EXPECT_TRUE(Multipart::Open(good).has_value()) << good;
  for (const std::string& bad : {std::string(), std::string("multipart/form-data"),
                                 std::string("multipart/mixed; boundary=B"),
                                 std::string("application/x-www-form-urlencoded"),
                                 std::string("multipart/form-data; boundary="),
                                 std::string("multipart/form-data; boundary=\"a \""),
                                 std::string("multipart/form-data; boundary=\"a\r\nb\""),
                                 std::string("multipart/form-data; boundary=A; boundary=B"),
                                 std::string("multipart/form-data; boundary=\"A"),
                                 "multipart/form-data; boundary=b" + longest}) {
    const auto opened = Multipart::Open(bad);
    ASSERT_TRUE(opened.has_error()) << bad;
    EXPECT_TRUE(Is(opened.error(), ErrorCode::kInvalidArgument));
  }
}

TEST(Multipart, WhatIsNoFormIsRefused) {
  const std::string field = PartOf("name=\"a\"", "x");
  for (const std::string& bad : {
           std::string(),
           std::string("preamble\r\n") + field + "--B--",
           std::string("--b--"),
           field,
           field + "--B",
           field + "--B-",
           std::string("--BB\r\n"),
           std::string("--B \r\n"),  // a blank behind a boundary: no browser sends one
           std::string("--B\r\n\r\nx\r\n--B--"),
           std::string("--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--"),
           std::string("--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--"),
           std::string("--B\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx\r\n--B--"),
           std::string("--B\r\nno field\r\n\r\nx\r\n--B--"),
           PartOf("name=a; name=b", "x") + "--B--",
           PartOf("name=\"a", "x") + "--B--",
           PartOf("name=a; filename*=utf-8''x", "x") + "--B--",
           PartOf("name=a", "x", "X: a\rb\r\n") + "--B--",
           PartOf("name=a", "x", "Content-Disposition: form-data; name=b\r\n") + "--B--",
       })
    EXPECT_TRUE(Read(bad).refused) << bad;
}

// A part that is cut off was never whole: who stores parts must not take it as one.
TEST(Multipart, APartThatIsCutOffDoesNotEnd) {
  const FormOutcome read = Read("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nabc\r\n--");
  EXPECT_TRUE(read.refused);
  ASSERT_EQ(read.parts.size(), 1U);
  EXPECT_FALSE(read.parts[0].ended);
}

TEST(Multipart, Bounds) {
  std::string many;
  for (std::size_t i = 0; i < Multipart::kMaxParts; ++i) many += PartOf("name=a", "");
  EXPECT_EQ(Read(many + "--B--").parts.size(), Multipart::kMaxParts);
  EXPECT_TRUE(Read(many + PartOf("name=a", "") + "--B--").refused);

  const auto with_head_of = [](std::size_t length) {
    const std::string start = "\r\nContent-Disposition: form-data; name=a\r\nX: ";
    return "--B" + start + std::string(length - start.size() - 4, 'x') + "\r\n\r\ny\r\n--B--";
  };
  EXPECT_FALSE(Read(with_head_of(Multipart::kMaxHead)).refused);
  EXPECT_TRUE(Read(with_head_of(Multipart::kMaxHead + 1)).refused);
}

}  // namespace
}  // namespace cairn::http
