// The order in which the chunks of an upload are joined. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::storage {

// Natural order: runs of digits compare as numbers of any length, everything else by bytes; equal
// but for leading zeros: by bytes. Names that are all digits come in number order.
bool ChunkNameLess(std::string_view a, std::string_view b);

// All digits, and below 2^63: the number. ("00001" of Nextcloud's desktop 3.16 and Android,
// "0000000000000000" of 3.7)
std::optional<std::uint64_t> ChunkNumber(std::string_view name);

// rclone's "%015d-%015d": the first and the last byte offset.
struct ChunkRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
std::optional<ChunkRange> ParseChunkRange(std::string_view name);

}  // namespace cairn::storage
