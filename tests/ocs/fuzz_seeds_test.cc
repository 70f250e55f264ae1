// Replays the fuzzer's seeds, and every cut and many single-byte changes of them, through the same
// property, so that an ordinary build without libFuzzer keeps it true.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/ocs_args_property.h"

namespace cairn::fuzz {
namespace {

// The property aborts when it does not hold, so that reaching the end is the proof.
TEST(FuzzSeeds, OcsArgs) {
  constexpr std::string_view kBytes("\0\t /%&<>=+{}[]\",\x7f\xc3\xff", 19);
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(CAIRN_SOURCE_DIR) / "tests/fuzz/seeds/ocs_args")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string seed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    ++seeds;
    CheckOcsArgs(seed);
    for (std::size_t at = 0; at < seed.size(); ++at) {
      CheckOcsArgs(std::string_view(seed).substr(0, at));
      CheckOcsArgs(std::string_view(seed).substr(at));
      for (const char byte : kBytes) {
        std::string changed = seed;
        changed[at] = byte;
        CheckOcsArgs(changed);
      }
    }
  }
  EXPECT_GE(seeds, 5);
}

}  // namespace
}  // namespace cairn::fuzz
