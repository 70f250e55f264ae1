// Replays a fuzzer's seeds, and every cut and many single-byte changes of them, through its
// property, so that an ordinary build without libFuzzer keeps it true. The properties abort when
// they do not hold: reaching the end is the proof.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace cairn::fuzz {

using Property = void (*)(std::string_view);

// What parsers look out for.
inline constexpr std::string_view kTelling("\0\t\n\r \"%&'(),-./:;<=>?@[\\]{}0aW\x7f\xc3\xff", 34);

// Every byte of `seed` replaced by each of `bytes`, and each of them put in front of it.
inline void ReplayChanges(std::string_view seed, Property property, std::string_view bytes) {
  for (std::size_t at = 0; at < seed.size(); ++at) {
    property(seed.substr(0, at));
    property(seed.substr(at));
    for (const char byte : bytes) {
      std::string changed(seed);
      changed[at] = byte;
      property(changed);
      changed = seed;
      changed.insert(at, 1, byte);
      property(changed);
    }
  }
}

// How many seeds there are in tests/fuzz/seeds/NAME.
inline int Replay(std::string_view name, Property property, std::string_view bytes = kTelling) {
  int seeds = 0;
  const auto folder = std::filesystem::path(CAIRN_SOURCE_DIR) / "tests/fuzz/seeds" / name;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string seed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    ++seeds;
    property(seed);
    ReplayChanges(seed, property, bytes);
  }
  return seeds;
}

}  // namespace cairn::fuzz
