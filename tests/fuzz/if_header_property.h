// What must hold for any bytes given to the If header parser.
#pragma once

#include "http/if_header.h"

namespace cairn::fuzz {

inline std::string Written(const http::IfHeader& header) {
  std::string out;
  for (const http::IfList& list : header) {
    if (!list.resource.empty()) out += "<" + list.resource + ">";
    out += "(";
    for (const http::IfCondition& condition : list.conditions) {
      if (condition.negated) out += "Not ";
      if (condition.kind == http::IfCondition::Kind::kStateToken) {
        out += "<" + condition.value + ">";
      } else {
        out += std::string("[") + (condition.weak ? "W/" : "") + "\"" + condition.value + "\"]";
      }
    }
    out += ")";
  }
  return out;
}

inline void CheckIfHeader(std::string_view input) {
  const auto header = http::ParseIfHeader(input);
  if (header.has_value()) {
    std::size_t conditions = 0;
    CAIRN_CHECK(!header->empty());
    bool quote_inside = false;
    for (const http::IfList& list : *header) {
      CAIRN_CHECK(!list.conditions.empty());
      conditions += list.conditions.size();
      for (const http::IfCondition& condition : list.conditions) {
        CAIRN_CHECK(!condition.value.empty());
        quote_inside = quote_inside || condition.value.find('"') != std::string::npos;
      }
    }
    CAIRN_CHECK(conditions <= http::kMaxIfConditions);
    CAIRN_CHECK(http::SubmittedTokens(*header).size() <= conditions);
    const auto none = [](std::string_view, const http::IfCondition& condition) {
      return condition.negated;
    };
    CAIRN_CHECK(!http::Holds(*header, none));
    const auto all = [](std::string_view, const http::IfCondition& condition) {
      return !condition.negated;
    };
    CAIRN_CHECK(http::Holds(*header, all));
    // Written out and read again it is the same, unless a tag has stray quotes or the text grew
    // over the limit.
    const std::string written = Written(*header);
    if (!quote_inside && written.size() <= http::kMaxIfHeaderBytes) {
      const auto again = http::ParseIfHeader(written);
      CAIRN_CHECK(again.has_value() && *again == *header);
    }
  }
  if (const auto token = http::ParseLockToken(input)) {
    CAIRN_CHECK(http::ParseLockToken("<" + *token + ">") == token);
  }
}

}  // namespace cairn::fuzz
