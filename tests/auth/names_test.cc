#include "auth/names.h"

#include <gtest/gtest.h>

namespace cairn::auth {
namespace {

TEST(UserName, TakesWhatClientsCanPutIntoAPath) {
  for (const char* name : {"alice", "Alice.B-c_d@example.org", "0", "a..b", "..."}) {
    EXPECT_TRUE(CheckUserName(name).has_value()) << name;
  }
  EXPECT_TRUE(CheckUserName(std::string(64, 'a')).has_value());
}

TEST(UserName, RefusesWhatHasAMeaningElsewhere) {
  for (const char* name :
       {"", ".", "..", "a/b", "a b", "\xc3\xa4rger", "a\nb", "a%2fb", "a+b", "files_external",
        "FILES_EXTERNAL", "appdata_x", "AppData_ocxyz", "__groupfolders", ".htaccess"}) {
    EXPECT_EQ(CheckUserName(name).error().code, ErrorCode::kInvalidName) << name;
  }
  EXPECT_TRUE(CheckUserName(std::string(65, 'a')).has_error());
  EXPECT_TRUE(CheckUserName(std::string("a\0b", 3)).has_error());
}

TEST(GroupName, IsOneComposedLine) {
  EXPECT_TRUE(CheckGroupName("K\xc3\xb6ln staff").has_value());
  for (const char* name : {"", " a", "a ", "a/b", "a\nb", "Ko\xcc\x88ln", "\xff"}) {
    EXPECT_EQ(CheckGroupName(name).error().code, ErrorCode::kInvalidName) << name;
  }
}

TEST(Email, HasTwoSides) {
  for (const char* email : {"", "a@b", "a.b+c@example.org"})
    EXPECT_TRUE(CheckEmail(email).has_value()) << email;
  for (const char* email : {"a", "@b", "a@", "a b@c", "a@b\n"})
    EXPECT_TRUE(CheckEmail(email).has_error()) << email;
}

}  // namespace
}  // namespace cairn::auth
