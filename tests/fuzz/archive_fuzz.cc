// Property: whatever names a folder has, its zip and its tar are read back with the same ones.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/archive_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckArchive({reinterpret_cast<const char*>(data), size});
  return 0;
}
