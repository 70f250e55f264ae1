// Property: whatever a row has become, no one crashes or reads bytes that were never stored, and
// fsck finds what a reader stumbles over.
#include <cstddef>
#include <cstdint>

#include "base/log.h"
#include "tests/fuzz/store_rows_property.h"

// Damage is reported in the log, millions of times here.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  spdlog::set_level(spdlog::level::off);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckStoreRows({reinterpret_cast<const char*>(data), size});
  return 0;
}
