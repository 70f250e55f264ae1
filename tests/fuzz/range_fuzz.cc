// Property: whatever the header and the size, the selected ranges are sorted, disjoint and inside
// the content, and a date that was read can be written and read again.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/range_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckRange({reinterpret_cast<const char*>(data), size});
  return 0;
}
