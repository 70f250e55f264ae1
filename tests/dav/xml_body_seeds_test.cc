// Replays the fuzzer's seeds, and every cut and many single-byte changes of them, through the same
// property, so that an ordinary build without libFuzzer keeps it true.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/xml_body_property.h"

namespace cairn::fuzz {
namespace {

// The property aborts when it does not hold, so that reaching the end is the proof.
TEST(XmlBodySeeds, HoldForEveryCutAndChange) {
  constexpr std::string_view kBytes("\0\n \"&/:<=>?[a\xc3\xff", 15);
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(CAIRN_SOURCE_DIR) / "tests/fuzz/seeds/xml_body")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string seed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    ++seeds;
    CheckXmlBody(seed);
    for (std::size_t at = 0; at < seed.size(); ++at) {
      CheckXmlBody(std::string_view(seed).substr(0, at));
      for (const char byte : kBytes) {
        std::string changed = seed;
        changed[at] = byte;
        CheckXmlBody(changed);
        changed = seed;
        changed.insert(at, 1, byte);
        CheckXmlBody(changed);
      }
    }
  }
  EXPECT_GE(seeds, 12);
}

}  // namespace
}  // namespace cairn::fuzz
