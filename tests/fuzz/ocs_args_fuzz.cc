// Property: the OCS router, the choice of a format and the envelope keep their promises for any
// bytes.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/ocs_args_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckOcsArgs({reinterpret_cast<const char*>(data), size});
  return 0;
}
