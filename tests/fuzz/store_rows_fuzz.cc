// Property: whatever a row has become, no one crashes or reads bytes that were never stored, and
// fsck finds what a reader stumbles over.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/store_rows_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckStoreRows({reinterpret_cast<const char*>(data), size});
  return 0;
}
