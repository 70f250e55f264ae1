// What must hold for any form: the first line of the input is its Content-Type, the rest its body.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/multipart.h"

namespace cairn::fuzz {

struct FormPart {
  std::string name;
  std::optional<std::string> file;
  std::string data;
  bool ended = false;
  bool operator==(const FormPart&) const = default;
};

struct FormOutcome {
  bool refused = false;
  std::vector<FormPart> parts;  // until the refusal
  bool operator==(const FormOutcome&) const = default;
};

inline FormOutcome ReadInPieces(http::Multipart parser, std::string_view body, std::size_t piece) {
  using Kind = http::Multipart::Kind;
  FormOutcome out;
  for (;;) {
    const auto event = parser.Next();
    if (event.has_error()) {
      CAIRN_CHECK(Is(event.error(), ErrorCode::kInvalidArgument) ||
                  Is(event.error(), ErrorCode::kTooLarge));
      out.refused = true;
      return out;
    }
    switch (event->kind) {
      case Kind::kMore:
        if (body.empty()) {
          CAIRN_CHECK(parser.Finish().has_error());
          out.refused = true;
          return out;
        }
        parser.Feed(body.substr(0, piece));
        body.remove_prefix(std::min(piece, body.size()));
        break;
      case Kind::kPart:
        CAIRN_CHECK(out.parts.empty() || out.parts.back().ended);
        out.parts.push_back({parser.part().name, parser.part().file, {}, false});
        break;
      case Kind::kData:
        CAIRN_CHECK(!event->data.empty() && !out.parts.empty() && !out.parts.back().ended);
        out.parts.back().data += event->data;
        break;
      case Kind::kPartEnd:
        CAIRN_CHECK(!out.parts.empty() && !out.parts.back().ended);
        out.parts.back().ended = true;
        break;
      case Kind::kEnd:
        CAIRN_CHECK(parser.Finish().has_value());
        return out;
    }
  }
}

// The contents of the parts of a whole body, cut at every delimiter. nullopt: it is none.
inline std::optional<std::vector<std::string_view>> SplitWhole(std::string_view body,
                                                               const std::string& boundary) {
  const std::string mark = "\r\n--" + boundary;
  if (!body.starts_with(mark.substr(2))) return std::nullopt;
  body.remove_prefix(mark.size() - 2);
  std::vector<std::string_view> parts;
  while (body.starts_with("\r\n")) {
    const std::size_t head = body.find("\r\n\r\n");
    const std::size_t end = body.find(mark, head == std::string_view::npos ? head : head + 4);
    if (end == std::string_view::npos) return std::nullopt;
    parts.push_back(body.substr(head + 4, end - head - 4));
    body.remove_prefix(end + mark.size());
  }
  if (!body.starts_with("--")) return std::nullopt;
  return parts;
}

inline void CheckMultipart(std::string_view input) {
  const std::string_view type = input.substr(0, input.find('\n'));
  const std::string_view body = input.substr(std::min(input.size(), type.size() + 1));
  const auto opened = http::Multipart::Open(type);
  if (opened.has_error()) {
    CAIRN_CHECK(Is(opened.error(), ErrorCode::kInvalidArgument));
    return;
  }
  const FormOutcome whole = ReadInPieces(*opened, body, std::max<std::size_t>(1, body.size()));
  for (const std::size_t piece : {1U, 3U, 17U})
    CAIRN_CHECK(ReadInPieces(*opened, body, piece) == whole);
  if (whole.refused || whole.parts.empty()) return;
  // What was taken as a form is one to a reader of the whole, with the same contents. Its boundary
  // stands in front.
  const std::string_view line = body.substr(0, std::min(body.find("\r\n"), body.size()));
  CAIRN_CHECK(line.starts_with("--"));
  const std::string boundary(line.substr(2));
  const auto parts = SplitWhole(body, boundary);
  CAIRN_CHECK(parts && parts->size() == whole.parts.size());
  for (std::size_t i = 0; i < parts->size(); ++i) {
    CAIRN_CHECK(whole.parts[i].ended && whole.parts[i].data == (*parts)[i]);
    CAIRN_CHECK(whole.parts[i].data.find("\r\n--" + boundary) == std::string::npos);
  }
  CAIRN_CHECK(whole.parts.size() <= http::Multipart::kMaxParts);
}

}  // namespace cairn::fuzz
