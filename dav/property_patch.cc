#include "dav/property_patch.h"

#include <algorithm>

#include "dav/property_table.h"
#include "dav/tree_listing.h"
#include "dav/xml_writer.h"
#include "http/date.h"
#include "http/status_map.h"

namespace cairn::dav {
namespace {

constexpr int kSet = 200;
constexpr int kRemoved = 204;
constexpr int kProtectedStatus = 403;
constexpr int kBadValue = 409;
constexpr int kFailedDependency = 424;
constexpr std::int64_t kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z

std::optional<std::int64_t> ParseSeconds(std::string_view text, std::int64_t smallest) {
  const auto seconds = ParseUint(Trim(text));
  if (!seconds || *seconds > static_cast<std::uint64_t>(kLastSecond)) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*seconds);
  return value < smallest ? std::nullopt : std::optional(value);
}

int SetSeconds(std::optional<std::int64_t>& target, std::optional<std::int64_t> value) {
  if (!value) return kBadValue;
  target = value;
  return kSet;
}

int SetDead(PatchPlan& plan, const XmlElement& property) {
  storage::Property value;
  value.set_xml(!property.children.empty());
  value.set_value(property.children.empty() ? property.text : property.inner_xml);
  plan.patch.dead.push_back({{property.name.ns, property.name.local}, std::move(value)});
  return kSet;
}

// A collection is what MKCOL makes, and it is shown by the name it gets: both say nothing new (RFC
// 5689).
bool SaysNothingNew(const PropertyRow& row, const XmlElement& property) {
  if (row.ns != kDavNs) return false;
  if (row.local == "displayname") return true;
  return row.local == "resourcetype" && property.children.size() == 1 &&
         property.Child(kDavNs, "collection") != nullptr;
}

int Set(PatchPlan& plan, const XmlElement& property, PatchKind kind) {
  const PropertyRow* row = FindProperty(property.name.ns, property.name.local);
  if (row == nullptr) return SetDead(plan, property);
  auto& attributes = plan.patch.attributes;
  const std::string_view text = Trim(property.text);
  switch (row->patch) {
    case PatchRule::kProtected:
      return kind == PatchKind::kMkcol && SaysNothingNew(*row, property) ? kSet : kProtectedStatus;
    case PatchRule::kStored:
      return SetDead(plan, property);
    case PatchRule::kFavorite:
      plan.patch.favorite = text == "1" || text == "true";
      return kSet;
    case PatchRule::kMtime:
      return SetSeconds(attributes.mtime, ParseSeconds(text, 1));
    case PatchRule::kCreated:
      return SetSeconds(attributes.created, ParseSeconds(text, 0));
    case PatchRule::kUploaded:
      return SetSeconds(attributes.uploaded, ParseSeconds(text, 0));
    case PatchRule::kCreationDate: {
      const auto seconds = http::ParseIsoDate(text);
      return SetSeconds(attributes.created, seconds && *seconds >= 0 ? seconds : std::nullopt);
    }
  }
  return kProtectedStatus;
}

int Remove(PatchPlan& plan, const XmlName& name) {
  const PropertyRow* row = FindProperty(name.ns, name.local);
  if (row == nullptr || row->patch == PatchRule::kStored) {
    plan.patch.dead.push_back({{name.ns, name.local}, std::nullopt});
    return kRemoved;
  }
  if (row->patch != PatchRule::kFavorite) return kProtectedStatus;
  plan.patch.favorite = false;
  return kRemoved;
}

// The last word about a property counts, but a refusal stays.
void Note(PatchStatuses& statuses, const XmlName& name, int status) {
  const auto known = std::find_if(statuses.begin(), statuses.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  if (known == statuses.end()) {
    statuses.emplace_back(name, status);
  } else if (known->second < 400) {
    known->second = status;
  }
}

// The statuses as answered, in the order in which their propstats stand.
std::vector<int> Groups(const PatchStatuses& statuses) {
  std::vector<int> groups;
  for (const auto& [name, status] : statuses) {
    if (std::find(groups.begin(), groups.end(), status) == groups.end()) groups.push_back(status);
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

}  // namespace

Result<XmlElement> ParseProppatch(std::string_view body) {
  ASSIGN_OR_RETURN(XmlElement root, ParseXml(body));
  if (root.name.ns != kDavNs || root.name.local != "propertyupdate") {
    return Fail(ErrorCode::kInvalidArgument, "the root element is not d:propertyupdate");
  }
  return root;
}

void RefuseUsersOwn(PatchPlan& plan) {
  if (!plan.patch.favorite) return;
  plan.patch.favorite.reset();
  for (auto& [name, status] : plan.statuses) {
    const PropertyRow* row = FindProperty(name.ns, name.local);
    if (row != nullptr && row->patch == PatchRule::kFavorite) status = kProtectedStatus;
  }
}

PatchStatuses JudgePatch(const XmlElement& root, PatchKind kind,
                         FunctionRef<int(const XmlElement& property, bool set)> rule) {
  PatchStatuses statuses;
  for (const XmlElement& instruction : root.children) {
    if (instruction.name.ns != kDavNs) continue;
    const bool set = instruction.name.local == "set";
    if (!set && (instruction.name.local != "remove" || kind == PatchKind::kMkcol)) continue;
    const XmlElement* prop = instruction.Child(kDavNs, "prop");
    if (prop == nullptr) continue;
    for (const XmlElement& property : prop->children) {
      Note(statuses, property.name, rule(property, set));
    }
  }
  return statuses;
}

PatchPlan CompilePatch(const XmlElement& root, PatchKind kind) {
  PatchPlan plan;
  plan.statuses = JudgePatch(root, kind, [&](const XmlElement& property, bool set) {
    return set ? Set(plan, property, kind) : Remove(plan, property.name);
  });
  return plan;
}

http::Response PatchResponse(const Ctx& ctx, PatchStatuses statuses) {
  if (IsRefused(statuses)) {
    for (auto& [name, status] : statuses) {
      if (status < 400) status = kFailedDependency;
    }
  }
  std::string out(kMultistatusOpen);
  out += "<d:response><d:href>";
  AppendEscaped(out, HrefOf(ctx, ctx.segments.size(), ctx.trailing_slash));
  out += "</d:href>";
  XmlNames names;
  for (const int group : Groups(statuses)) {
    out += "<d:propstat><d:prop>";
    for (const auto& [name, status] : statuses) {
      if (status == group) names.Empty(out, name);
    }
    out.append("</d:prop><d:status>HTTP/1.1 ").append(std::to_string(group)).append(" ");
    out.append(http::ReasonPhrase(group)).append("</d:status></d:propstat>");
  }
  out += "</d:response>";
  out += kMultistatusClose;
  http::Response response(207);
  response.With("Content-Type", kXmlContentType);
  response.body = std::move(out);
  return response;
}

}  // namespace cairn::dav
