// Property: whatever the bytes, an accepted If header is bounded, evaluates without surprises, and
// reads the same after it has been written out.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/if_header_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckIfHeader({reinterpret_cast<const char*>(data), size});
  return 0;
}
