// What must hold for any bytes given to the OCS router and the envelope.
#pragma once

#include <algorithm>

#include "base/unicode.h"
#include "ocs/endpoint.h"
#include "ocs/profile_rules.h"
#include "ocs/share_params.h"
#include "ocs/sharee_search.h"

namespace cairn::fuzz {

inline void CheckOcsArgs(std::string_view input) {
  const std::string text(input);
  // Routes: whatever the path, a match names the parameters its pattern asks for, and no other.
  if (const auto path = http::DecodePath(input); path.has_value()) {
    for (const std::string_view verb : {"GET", "HEAD", "DELETE", "POST"}) {
      const ocs::Match match = ocs::FindEndpoint(verb, path->segments);
      CAIRN_CHECK(match.endpoint == nullptr || match.known_path);
      const std::string_view pattern =
          match.endpoint ? match.endpoint->pattern : std::string_view();
      CAIRN_CHECK(match.params.size() ==
                  static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '{')));
    }
  }
  // Formats: JSON is asked for in words, or XML it is.
  const http::Form query = http::Form::Parse(input);
  if (ocs::FormatOf(query, {}) == ocs::Format::kJson) CAIRN_CHECK(http::WantsJson(query));
  ocs::FormatOf({}, input);
  // Bodies: a JSON object has no more fields than a form may have.
  CAIRN_CHECK(ocs::FormOf("application/json", input).fields().size() <= 1000);
  ocs::FormOf({}, input);
  // Profiles: what is stored is text, and is stored unchanged when it is given again.
  for (const std::string_view field : {"phone", "website", "twitter", "bluesky", "fediverse",
                                       "birthdate", "profile_enabled", "manager", "role"}) {
    const auto value = ocs::NormalProfileValue(field, input);
    if (!value) continue;
    CAIRN_CHECK(IsValidUtf8(*value) && value->size() <= ocs::kMaxProfileValue);
    CAIRN_CHECK(ocs::NormalProfileValue(field, *value) == value);
  }
  // Addresses: what is offered as one is printable ASCII without blanks.
  const auto remote = ocs::ParseRemoteAddress(input);
  CAIRN_CHECK(!remote || (!remote->user.empty() && !remote->server.empty()));
  if (remote || ocs::IsMailAddress(input)) {
    for (const char c : input) CAIRN_CHECK(c > ' ' && c < '\x7f' && c != '<' && c != '"');
  }
  // Shares: what is kept of attributes and days reads the same again.
  if (const auto attributes = ocs::ParseAttributes(input)) {
    const auto again = ocs::ParseAttributes(attributes->json);
    CAIRN_CHECK(again && again->json == attributes->json);
    CAIRN_CHECK(again->no_download == attributes->no_download && IsValidUtf8(again->json));
  }
  if (const auto over = ocs::EndOfDay(input); over && *over > 1)
    CAIRN_CHECK(ocs::EndOfDay(ocs::ExpirationText(*over)) == over);
  // Texts: no tag and no control character comes out of a text; JSON gives the same text back.
  const std::string xml = ocs::ToXml("x", boost::json::value(text), 0);
  CAIRN_CHECK(xml.starts_with("<x>") && xml.ends_with("</x>\n"));
  const std::string_view inner = std::string_view(xml).substr(3, xml.size() - 8);
  for (const char c : inner) {
    CAIRN_CHECK(c != '<' && c != '>');
    CAIRN_CHECK(static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r');
  }
  boost::system::error_code broken;
  const auto parsed = boost::json::parse(ocs::ToJson(boost::json::value(text)), broken);
  if (IsValidUtf8(text)) CAIRN_CHECK(!broken && parsed == boost::json::value(text));
}

}  // namespace cairn::fuzz
