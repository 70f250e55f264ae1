// What must hold for any request body: bounds are kept, names compile, and what would be stored can
// be answered and read again.
#pragma once

#include "base/error.h"
#include "dav/property_patch.h"
#include "dav/property_set.h"
#include "dav/xml_reader.h"
#include "dav/xml_writer.h"

namespace cairn::fuzz {

inline void CheckTree(const dav::XmlElement& element, int depth, int& nodes) {
  CAIRN_CHECK(depth <= 64);
  CAIRN_CHECK(++nodes <= 10'000);
  CAIRN_CHECK(!element.name.local.empty());
  for (const dav::XmlElement& child : element.children) CheckTree(child, depth + 1, nodes);
}

// Stored content must be well-formed inside an answer: there it is written as it is.
inline void CheckStored(const dav::XmlElement& element) {
  if (!element.inner_xml.empty()) {
    std::string answer(dav::kMultistatusOpen);
    answer.append(element.inner_xml).append(dav::kMultistatusClose);
    const auto again = dav::ParseXml(answer);
    // One level and two attributes more than before may be one too many.
    CAIRN_CHECK(again.has_value() || answer.size() > dav::kMaxXmlBody ||
                again.error().message.find("too") != std::string::npos);
  }
  for (const dav::XmlElement& child : element.children) CheckStored(child);
}

inline void CheckXmlBody(std::string_view input) {
  const auto parsed = dav::ParseXml(input);
  if (parsed.has_error()) {
    CAIRN_CHECK(Is(parsed.error(), ErrorCode::kInvalidArgument));
    return;
  }
  int nodes = 0;
  CheckTree(*parsed, 1, nodes);
  CheckStored(*parsed);
  if (auto set = dav::CompilePropfind(input); set.has_value()) {
    CAIRN_CHECK(set->wanted->size() <= dav::kMaxWantedProperties);
    for (const dav::WantedProperty& wanted : *set->wanted) {
      CAIRN_CHECK(wanted.open.starts_with('<') && wanted.close.starts_with("</") &&
                  wanted.empty.ends_with("/>"));
    }
  }
  for (const auto kind : {dav::PatchKind::kProppatch, dav::PatchKind::kMkcol}) {
    const dav::PatchPlan plan = dav::CompilePatch(*parsed, kind);
    CAIRN_CHECK(plan.patch.dead.empty() || !plan.statuses.empty());
  }
}

}  // namespace cairn::fuzz
