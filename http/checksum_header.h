// What clients announce about a file with an upload: OC-Checksum and X-OC-Mtime / X-OC-CTime.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace cairn::http {

// "SHA1:hex MD5:hex": every entry of an algorithm that Cairn knows, in the order given, hex in
// lower case; at most
// 16. Entries of unknown form or algorithm are skipped, as clients expect ("foo bar" is no error).
// An entry of a known algorithm is kept whatever its digits are: a wrong one must not verify.
// Adler-32 is padded to 8 digits, which ownCloud clients leave out.
std::vector<Checksum> ParseChecksums(std::string_view value);

// "SHA1:hex MD5:hex".
std::string FormatChecksums(const std::vector<Checksum>& checksums);

// Seconds since 1970 from X-OC-Mtime: an integer, or a decimal fraction that is cut. nullopt for
// anything a client cannot mean: no number, hexadecimal, an exponent, up to one day after 1970,
// after the year 9999 (milliseconds). The upload then succeeds with server time and without
// acknowledgement (promise 16).
std::optional<std::int64_t> ParseMtime(std::string_view value);

}  // namespace cairn::http
