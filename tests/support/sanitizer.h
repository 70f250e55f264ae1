// A sanitizer looks for races and bad memory, which one in three of many cases that are alike shows
// as well: it is 10 times slower.
#pragma once

namespace cairn::support {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kOneIn = 3;
#else
inline constexpr int kOneIn = 1;
#endif

}  // namespace cairn::support
