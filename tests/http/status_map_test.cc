#include "http/status_map.h"

#include <gtest/gtest.h>

#include <utility>

namespace cairn::http {
namespace {

TEST(StatusMap, GivesEveryErrorAStatus) {
  using enum ErrorCode;
  const std::pair<ErrorCode, int> rows[] = {{kNotFound, 404},        {kAlreadyExists, 405},
                                            {kParentMissing, 409},   {kNotACollection, 409},
                                            {kIsACollection, 409},   {kPreconditionFailed, 412},
                                            {kLocked, 423},          {kForbidden, 403},
                                            {kUnauthenticated, 401}, {kQuotaExceeded, 507},
                                            {kDiskFull, 507},        {kInvalidArgument, 400},
                                            {kInvalidName, 400},     {kChecksumMismatch, 400},
                                            {kTooLarge, 413},        {kUnsupported, 501},
                                            {kConflict, 409},        {kBusy, 503},
                                            {kCancelled, 400},       {kIo, 500},
                                            {kCorruption, 500}};
  for (const auto& [code, status] : rows) {
    EXPECT_EQ(StatusOf(code), status) << Name(code);
    EXPECT_NE(ReasonPhrase(status), "Unknown") << status;
  }
}

TEST(StatusMap, NeverCallsDamageMissing) {
  EXPECT_GE(StatusOf(ErrorCode::kCorruption), 500);
  EXPECT_GE(StatusOf(ErrorCode::kIo), 500);
}

TEST(ReasonPhrase, KnowsTheCommonOnes) {
  EXPECT_EQ(ReasonPhrase(207), "Multi-Status");
  EXPECT_EQ(ReasonPhrase(424), "Failed Dependency");
  EXPECT_EQ(ReasonPhrase(507), "Insufficient Storage");
  EXPECT_EQ(ReasonPhrase(599), "Unknown");
}

}  // namespace
}  // namespace cairn::http
