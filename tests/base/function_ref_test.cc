#include "base/function_ref.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

int Twice(FunctionRef<int(int)> f) { return f(f(1)); }

int AddOne(int value) { return value + 1; }

struct Counter {
  int calls = 0;
  int operator()(int value) {
    ++calls;
    return value * 10;
  }
};

TEST(FunctionRef, CallsWhatItRefersTo) {
  int offset = 3;
  auto add = [&](int value) { return value + offset; };
  EXPECT_EQ(Twice(add), 7);
  EXPECT_EQ(Twice([](int value) { return value - 1; }), -1);
  EXPECT_EQ(Twice(&AddOne), 3);
}

TEST(FunctionRef, DoesNotCopy) {
  Counter counter;
  EXPECT_EQ(Twice(counter), 100);
  EXPECT_EQ(counter.calls, 2);
  const FunctionRef<int(int)> first = counter;
  const FunctionRef<int(int)> copy = first;
  EXPECT_EQ(copy(1), 10);
  EXPECT_EQ(counter.calls, 3);
}

TEST(FunctionRef, PassesReferencesAndMoves) {
  auto fill = [](std::string& out, std::string text) { out = std::move(text); };
  const FunctionRef<void(std::string&, std::string)> ref = fill;
  std::string out;
  ref(out, "text");
  EXPECT_EQ(out, "text");
}

}  // namespace
}  // namespace cairn
