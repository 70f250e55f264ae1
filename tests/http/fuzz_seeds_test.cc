// Replays the fuzzers' seeds, and every cut and every single-byte change of them, through the same
// properties, so that an ordinary build without libFuzzer keeps them true.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/if_header_property.h"
#include "tests/fuzz/path_property.h"
#include "tests/fuzz/range_property.h"
#include "tests/fuzz/request_head_property.h"

namespace cairn::fuzz {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The properties abort when they do not hold, so that reaching the end is the proof.
int Replay(std::string_view name, void (*property)(std::string_view)) {
  constexpr char kBytes[] = "\0\t\n\r \"%(),-./:<=>?@[]0aW\x7f\xc3\xff";
  int seeds = 0;
  const auto folder = std::filesystem::path(CAIRN_SOURCE_DIR) / "tests/fuzz/seeds" / name;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ++seeds;
    const std::string seed = ReadFile(entry.path());
    property(seed);
    for (std::size_t at = 0; at < seed.size(); ++at) {
      property(std::string_view(seed).substr(0, at));
      property(std::string_view(seed).substr(at));
      for (char byte : kBytes) {
        std::string changed = seed;
        changed[at] = byte;
        property(changed);
        changed = seed;
        changed.insert(at, 1, byte);
        property(changed);
      }
    }
  }
  return seeds;
}

TEST(FuzzSeeds, RequestHead) { EXPECT_GE(Replay("request_head", CheckRequestHead), 10); }
TEST(FuzzSeeds, Path) { EXPECT_GE(Replay("path", CheckPath), 10); }
TEST(FuzzSeeds, IfHeader) { EXPECT_GE(Replay("if_header", CheckIfHeader), 10); }
TEST(FuzzSeeds, Range) { EXPECT_GE(Replay("range", CheckRange), 10); }

}  // namespace
}  // namespace cairn::fuzz
