// Property: a settings file is refused with its line, or yields settings that can be written and
// read again.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/config_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckConfig({reinterpret_cast<const char*>(data), size});
  return 0;
}
