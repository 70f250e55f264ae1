#include "dav/property_set.h"

#include <algorithm>
#include <set>

namespace cairn::dav {
namespace {

void Add(PropertySet& set, const PropertyRow* row, const XmlName& name) {
  WantedProperty wanted;
  wanted.row = row;
  wanted.name = name;
  set.wanted.push_back(std::move(wanted));
  set.needs |= row != nullptr ? row->needs : static_cast<std::uint32_t>(kNeedsDead);
}

void MakeTags(PropertySet& set, WantedProperty& wanted) {
  set.names.Open(wanted.open, wanted.name);
  set.names.Close(wanted.close, wanted.name);
  set.names.Empty(wanted.empty, wanted.name);
}

// Live properties first: an iOS client knows the share permissions by the prefixes x1 and x2.
void MakeAllTags(PropertySet& set) {
  for (WantedProperty& wanted : set.wanted) {
    if (wanted.row != nullptr) MakeTags(set, wanted);
  }
  for (WantedProperty& wanted : set.wanted) {
    if (wanted.row == nullptr) MakeTags(set, wanted);
  }
}

}  // namespace

Result<PropertySet> PropertySet::Named(const XmlElement& prop) {
  if (prop.children.size() > kMaxWantedProperties) {
    return Fail(ErrorCode::kInvalidArgument, "more than 1,000 properties asked for");
  }
  PropertySet set;
  std::set<XmlName> seen;
  for (const XmlElement& child : prop.children) {
    if (!seen.insert(child.name).second) continue;
    Add(set, FindProperty(child.name.ns, child.name.local), child.name);
  }
  MakeAllTags(set);
  return set;
}

PropertySet PropertySet::AllProp() {
  PropertySet set;
  set.skip_missing = true;
  for (const PropertyRow& row : PropertyTable()) {
    if (row.in_allprop) Add(set, &row, {std::string(row.ns), std::string(row.local)});
  }
  MakeAllTags(set);
  return set;
}

PropertySet PropertySet::PropName() {
  PropertySet set;
  set.names_only = set.skip_missing = true;
  for (const PropertyRow& row : PropertyTable()) {
    if (row.applies != kNever) Add(set, &row, {std::string(row.ns), std::string(row.local)});
  }
  set.needs |= kNeedsDead;
  MakeAllTags(set);
  return set;
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
