#include "http/content_type.h"

#include <gtest/gtest.h>

#include <utility>

namespace cairn::http {
namespace {

TEST(ContentType, GoesByTheSuffix) {
  const std::pair<const char*, const char*> rows[] = {
      {"a.txt", "text/plain"},
      {"Readme.md", "text/markdown"},
      {"c.bin", "application/x-bin"},
      {"A.JPG", "image/jpeg"},
      {"a.b.png", "image/png"},
      {"a.c++", "text/x-c++src"},
      {"a.3gp", "video/3gpp"},
      {"a.zip", "application/zip"},
      {"a.tar.gz", "application/x-gzip"},
      {"a.7z", "application/x-7z-compressed"},
      {"a.xml", "application/xml"},
      {"a.html", "text/html"},
      {"a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {"a.ics", "text/calendar"},
      {"a", "application/octet-stream"},
      {"", "application/octet-stream"},
      {".txt", "application/octet-stream"},
      {"..txt", "application/octet-stream"},
      {".hidden.txt", "text/plain"},
      {"a.", "application/octet-stream"},
      {"a.nosuchsuffix", "application/octet-stream"},
      {"CON", "application/octet-stream"},
  };
  for (const auto& [name, type] : rows) EXPECT_EQ(ContentTypeOf(name), type) << name;
}

TEST(ContentType, OfAGetIsAsRecorded) {
  EXPECT_EQ(ContentTypeHeader("a.txt"), "text/plain;charset=UTF-8");
  EXPECT_EQ(ContentTypeHeader("Readme.md"), "text/markdown;charset=UTF-8");
  EXPECT_EQ(ContentTypeHeader("c.bin"), "application/x-bin");
  EXPECT_EQ(ContentTypeHeader("a.png"), "image/png");
}

TEST(ContentType, OfAGetNeverInvitesABrowserToRunIt) {
  for (const char* name : {"a.html", "a.htm", "a.svg", "a.js", "a.xml", "a.json", "a.fb2"}) {
    EXPECT_EQ(ContentTypeHeader(name), "text/plain;charset=UTF-8") << name;
  }
  EXPECT_EQ(ContentTypeHeader("a.swf"), "application/octet-stream");
}

TEST(SafeInline, IsAShortList) {
  for (const char* type : {"image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4",
                           "text/plain", "text/plain;charset=UTF-8"}) {
    EXPECT_TRUE(IsSafeInline(type)) << type;
  }
  for (const char* type :
       {"text/html", "image/svg+xml", "application/xml", "application/xhtml+xml", "application/pdf",
        "application/epub+zip", "application/octet-stream", "text/plainx", ""}) {
    EXPECT_FALSE(IsSafeInline(type)) << type;
  }
}

TEST(Disposition, CannotBeBrokenOutOf) {
  EXPECT_EQ(AttachmentDisposition("a.txt"),
            "attachment; filename*=UTF-8''a.txt; filename=\"a.txt\"");
  EXPECT_EQ(AttachmentDisposition("u\xcc\x88.txt"),
            "attachment; filename*=UTF-8''u%CC%88.txt; filename=\"u%CC%88.txt\"");
  EXPECT_EQ(InlineDisposition("a\"\r\nX: y"),
            "inline; filename*=UTF-8''a%22%0D%0AX%3A%20y; filename=\"a%22%0D%0AX%3A%20y\"");
}

}  // namespace
}  // namespace cairn::http
