// Sizes and times as people write them: "10 GB", "90 s". Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

// Bytes. A number with an optional fraction and an optional unit, 1024-based as in occ (B, K, KB,
// KiB, M ... PiB; any letter case; blanks between). nullopt: anything else, and 2^63 bytes and
// more.
std::optional<std::uint64_t> ParseSize(std::string_view text);
// "10 MB", "1.5 GB", "512 B": rounded to one decimal, as occ prints sizes.
std::string SizeText(std::uint64_t bytes);
// With the largest unit that divides it: ParseSize gives the same number again.
std::string ExactSizeText(std::uint64_t bytes);

// A whole number and a unit: ms, s (or none), min, h, d. nullopt: anything else, and more than
// 100 years.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
// With the largest unit that divides it: ParseDuration gives the same time again.
std::string DurationText(std::chrono::milliseconds duration);

}  // namespace cairn
