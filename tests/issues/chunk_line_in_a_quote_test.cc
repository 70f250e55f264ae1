// An upload whose chunk extension had a quote that was still open at the end of its line was not
// refused: the server waited for more, and the client for an answer, until the body's time was
// over. Debug builds ended when the last chunk was the only one and its bytes came one by one.
#include <gtest/gtest.h>

#include <string_view>

#include "server/chunk_decoder.h"

namespace cairn::server {
namespace {

bool IsRefused(std::string_view body) {
  const auto step = ChunkDecoder().Decode(body);
  return step.has_error() && Is(step.error(), ErrorCode::kInvalidArgument);
}

TEST(ChunkLineInAQuote, IsRefusedAtOnce) {
  EXPECT_TRUE(IsRefused("3;a=\"b\r\nabc\r\n"));
  EXPECT_TRUE(IsRefused("3;a=\"b\\\"\r\nabc\r\n"));
  EXPECT_TRUE(IsRefused("0;a=\"b\r\n\r\n"));
  EXPECT_TRUE(IsRefused("3;a=\"\x01\"\r\nabc\r\n"));
}

TEST(ChunkLineInAQuote, AClosedQuoteAndAnUnfinishedLineAreNot) {
  for (const std::string_view body :
       {"3;a=\"b\"\r\nabc\r\n", "3;a=\"b\\\"c\"\r\nabc\r\n", "3;a=\"b", "3;a=\"b\r"}) {
    EXPECT_FALSE(IsRefused(body)) << body;
  }
}

TEST(ChunkLineInAQuote, TheLastChunkMayComeByteByByte) {
  ChunkDecoder decoder;
  constexpr std::string_view kBody = "0\r\n\r\n";
  std::size_t used = 0;
  for (std::size_t received = 1; received <= kBody.size(); ++received) {
    const auto step = decoder.Decode(kBody.substr(used, received - used));
    ASSERT_TRUE(step.has_value()) << received;
    used += step->consumed;
    EXPECT_EQ(step->done, received == kBody.size());
  }
  EXPECT_EQ(used, kBody.size());
}

}  // namespace
}  // namespace cairn::server
