#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cairn {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return Fail(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}
Result<void> MustBeEven(int value) {
  RETURN_IF_ERROR(Half(value));
  return boost::system::in_place_value;
}
Result<int> Quarter(int value) {
  RETURN_IF_ERROR(MustBeEven(value));
  ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

TEST(Result, CarriesErrorsUp) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error().message, "odd");
  EXPECT_TRUE(Is(Quarter(7).error(), ErrorCode::kInvalidArgument));
}

TEST(ErrorDeathTest, ValueOfAnErrorAborts) {
  EXPECT_DEATH(static_cast<void>(Half(1).value()), "odd");
}

TEST(ErrorDeathTest, ABrokenInvariantAborts) { EXPECT_DEATH(CAIRN_CHECK(1 > 2), "check failed"); }

TEST(ErrorCodes, HaveDistinctNames) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kCorruption); ++code) {
    const std::string_view name = Name(static_cast<ErrorCode>(code));
    EXPECT_FALSE(name.empty());
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

}  // namespace
}  // namespace cairn
