// Property: whatever the bytes, a decoded path has only clean segments, and decoding what
// EncodePath made of it gives the same path again.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/path_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckPath({reinterpret_cast<const char*>(data), size});
  return 0;
}
