#include "dav/property_set.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cairn::dav {
namespace {

using Wanted = std::vector<WantedProperty>;

void Add(PropertySet& set, Wanted& wanted, const PropertyRow* row, const XmlName& name) {
  WantedProperty& added = wanted.emplace_back();
  added.row = row;
  added.name = name;
  set.needs |= row != nullptr ? row->needs : static_cast<std::uint32_t>(kNeedsDead);
}

void MakeTags(PropertySet& set, WantedProperty& wanted) {
  set.names.Open(wanted.open, wanted.name);
  set.names.Close(wanted.close, wanted.name);
  set.names.Empty(wanted.empty, wanted.name);
}

// Live properties first: an iOS client knows the share permissions by the prefixes x1 and x2.
PropertySet Finished(PropertySet set, Wanted wanted) {
  for (WantedProperty& property : wanted) {
    if (property.row != nullptr) MakeTags(set, property);
  }
  for (WantedProperty& property : wanted) {
    if (property.row == nullptr) MakeTags(set, property);
  }
  set.wanted = std::make_shared<const Wanted>(std::move(wanted));
  return set;
}

}  // namespace

Result<PropertySet> PropertySet::Named(const XmlElement& prop) {
  if (prop.children.size() > kMaxWantedProperties) {
    return Fail(ErrorCode::kInvalidArgument, "more than 1,000 properties asked for");
  }
  PropertySet set;
  Wanted wanted;
  std::set<XmlName> seen;
  for (const XmlElement& child : prop.children) {
    if (!seen.insert(child.name).second) continue;
    Add(set, wanted, FindProperty(child.name.ns, child.name.local), child.name);
  }
  return Finished(std::move(set), std::move(wanted));
}

PropertySet PropertySet::AllProp() {
  PropertySet set;
  Wanted wanted;
  set.skip_missing = true;
  for (const PropertyRow& row : PropertyTable()) {
    if (row.in_allprop) Add(set, wanted, &row, {std::string(row.ns), std::string(row.local)});
  }
  return Finished(std::move(set), std::move(wanted));
}

PropertySet PropertySet::PropName() {
  PropertySet set;
  Wanted wanted;
  set.names_only = set.skip_missing = true;
  for (const PropertyRow& row : PropertyTable()) {
    if (row.applies != kNever)
      Add(set, wanted, &row, {std::string(row.ns), std::string(row.local)});
  }
  set.needs |= kNeedsDead;
  return Finished(std::move(set), std::move(wanted));
}

Result<PropertySet> CompilePropfind(std::string_view body) {
  if (body.empty()) return PropertySet::AllProp();
  ASSIGN_OR_RETURN(const XmlElement root, ParseXml(body));
  if (root.name.ns != kDavNs || root.name.local != "propfind") {
    return Fail(ErrorCode::kInvalidArgument, "the root element is not d:propfind");
  }
  if (const XmlElement* prop = root.Child(kDavNs, "prop")) return PropertySet::Named(*prop);
  if (root.Child(kDavNs, "propname") != nullptr) return PropertySet::PropName();
  if (root.Child(kDavNs, "allprop") != nullptr) return PropertySet::AllProp();
  return Fail(ErrorCode::kInvalidArgument,
              "d:propfind has neither d:prop nor d:allprop nor d:propname");
}

}  // namespace cairn::dav
