// Property: whatever the body of a PROPFIND, PROPPATCH, MKCOL, LOCK or REPORT, reading it stays
// inside its bounds and what it would store can be answered as well-formed XML.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/xml_body_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckXmlBody({reinterpret_cast<const char*>(data), size});
  return 0;
}
