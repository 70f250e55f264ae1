// What a PROPFIND or REPORT asks for, compiled once: the rows, their ready-made tags and what
// listings must join.
//
// A value that is cheap to copy: each answer works with a copy of its own, whose `names` only it
// uses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "dav/property_table.h"
#include "dav/xml_writer.h"

namespace cairn::dav {

inline constexpr std::size_t kMaxWantedProperties = 1000;

struct WantedProperty {
  const PropertyRow* row = nullptr;  // null: a dead property, or one that nobody has
  XmlName name;
  std::string open, close, empty;  // "<d:getetag>", "</d:getetag>", "<d:getetag/>"
};

struct PropertySet {
  bool names_only = false;    // propname: empty elements, dead properties too
  bool skip_missing = false;  // no 404 propstat: allprop, propname, Prefer: return=minimal
  std::uint32_t needs = kNeedsNothing;
  std::shared_ptr<const std::vector<WantedProperty>> wanted;
  XmlNames names;  // numbers the foreign namespaces of the answer

  // Named properties: the children of `prop` in their order, without repetitions. kInvalidArgument:
  // too many.
  static Result<PropertySet> Named(const XmlElement& prop);
  // The recorded answer to allprop and to an empty body.
  static PropertySet AllProp();
  static PropertySet PropName();
};

// The body of a PROPFIND (empty = allprop). kInvalidArgument: not XML, or no d:propfind with
// something to answer.
Result<PropertySet> CompilePropfind(std::string_view body);

}  // namespace cairn::dav
