#include "http/conditional.h"

#include <algorithm>

#include "base/bytes.h"
#include "http/date.h"

namespace cairn::http {
namespace {

struct EntityTag {
  bool weak = false;
  std::string_view opaque;
};

// Cuts the next tag off a comma separated list; a quoted tag may contain commas. nullopt at the
// end.
std::optional<EntityTag> CutTag(std::string_view& list) {
  const auto start = list.find_first_not_of(", \t");
  if (start == std::string_view::npos) return std::nullopt;
  list.remove_prefix(start);
  EntityTag tag;
  if (list.starts_with("W/")) {
    tag.weak = true;
    list.remove_prefix(2);
  }
  const auto closing = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
  if (closing != std::string_view::npos) {
    tag.opaque = list.substr(1, closing - 1);
    list.remove_prefix(closing + 1);
    return tag;
  }
  const auto end = std::min(list.find(','), list.size());
  tag.opaque = Trim(list.substr(0, end));
  list.remove_prefix(end);
  return tag;
}

bool Matches(std::string_view list, const Validators& current, bool weak_comparison) {
  if (!current.exists) return false;
  if (Trim(list) == "*") return true;
  return EntityTagListContains(list, current.etag, weak_comparison);
}

}  // namespace

bool EntityTagListContains(std::string_view list, std::string_view etag, bool weak_comparison) {
  if (etag.empty()) return false;
  while (const auto tag = CutTag(list)) {
    if (tag->opaque == etag && (weak_comparison || !tag->weak)) return true;
  }
  return false;
}

Precondition EvaluatePreconditions(std::string_view method, const Headers& headers,
                                   const Validators& current) {
  const bool reads = method == "GET" || method == "HEAD";
  const bool dated = current.exists && current.mtime.has_value();
  if (headers.Has("If-Match")) {
    if (!Matches(headers.Joined("If-Match"), current, false)) return Precondition::kFailed;
  } else if (headers.Has("If-Unmodified-Since") && dated) {
    const auto date = ParseHttpDate(headers.Get("If-Unmodified-Since"));
    if (date && *current.mtime > *date) return Precondition::kFailed;
  }
  if (headers.Has("If-None-Match")) {
    if (Matches(headers.Joined("If-None-Match"), current, true)) {
      return reads ? Precondition::kNotModified : Precondition::kFailed;
    }
  } else if (reads && headers.Has("If-Modified-Since") && dated) {
    const auto date = ParseHttpDate(headers.Get("If-Modified-Since"));
    if (date && *current.mtime <= *date) return Precondition::kNotModified;
  }
  return Precondition::kProceed;
}

bool HasPreconditions(const Headers& headers) {
  return headers.Has("If-Match") || headers.Has("If-None-Match") ||
         headers.Has("If-Modified-Since") || headers.Has("If-Unmodified-Since");
}

}  // namespace cairn::http
