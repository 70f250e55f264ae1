// Property: whatever the bytes, a size that is read is within the limits, and what follows the file
// does not change it.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/image_size_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckImageSize({reinterpret_cast<const char*>(data), size});
  return 0;
}
