// Property: a Destination header names a clean path on this server, or is refused.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/destination_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckDestination({reinterpret_cast<const char*>(data), size});
  return 0;
}
