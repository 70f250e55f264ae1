#include "http/if_header.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace cairn::http {
namespace {

Error Malformed(const char* why) {
  return Fail(ErrorCode::kInvalidArgument, std::string("If header: ") + why);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<IfHeader> Run() {
    IfHeader header;
    std::string resource;
    bool tag_without_list = false;
    for (SkipBlanks(); !text_.empty(); SkipBlanks()) {
      if (text_.front() == '<') {
        if (tag_without_list) return Malformed("a tag without a list");
        if (!header.empty() && header.front().resource.empty())
          return Malformed("a tag after an untagged list");
        ASSIGN_OR_RETURN(resource, Bracketed('<', '>'));
        tag_without_list = true;
        continue;
      }
      ASSIGN_OR_RETURN(IfList list, List());
      list.resource = resource;
      header.push_back(std::move(list));
      tag_without_list = false;
    }
    if (header.empty() || tag_without_list) return Malformed("no list");
    return header;
  }

 private:
  void SkipBlanks() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size())); }

  // The text between `open` and `close`, at the start of what is left; never empty.
  Result<std::string> Bracketed(char open, char close) {
    if (!text_.starts_with(open)) return Malformed("unexpected character");
    const auto end = text_.find(close);
    if (end == std::string_view::npos) return Malformed("unclosed bracket");
    std::string inside(Trim(text_.substr(1, end - 1)));
    text_.remove_prefix(end + 1);
    if (inside.empty()) return Malformed("empty brackets");
    return inside;
  }

  Result<IfList> List() {
    if (!text_.starts_with('(')) return Malformed("expected a list");
    text_.remove_prefix(1);
    IfList list;
    for (;;) {
      SkipBlanks();
      if (text_.empty()) return Malformed("unclosed list");
      if (text_.front() == ')') break;
      if (++conditions_ > kMaxIfConditions) return Malformed("too many conditions");
      ASSIGN_OR_RETURN(IfCondition condition, Condition());
      list.conditions.push_back(std::move(condition));
    }
    text_.remove_prefix(1);
    if (list.conditions.empty()) return Malformed("empty list");
    return list;
  }

  Result<IfCondition> Condition() {
    IfCondition condition;
    if (EqualsIgnoreCase(text_.substr(0, 3), "not")) {
      condition.negated = true;
      text_.remove_prefix(3);
      SkipBlanks();
    }
    if (text_.starts_with('<')) {
      ASSIGN_OR_RETURN(condition.value, Bracketed('<', '>'));
      return condition;
    }
    condition.kind = IfCondition::Kind::kEntityTag;
    ASSIGN_OR_RETURN(const std::string tag, EntityTag());
    std::string_view opaque = tag;
    if (opaque.starts_with("W/")) {
      condition.weak = true;
      opaque.remove_prefix(2);
    }
    if (opaque.size() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')) {
      opaque = opaque.substr(1, opaque.size() - 2);
    }
    if (opaque.empty()) return Malformed("empty entity tag");
    condition.value = opaque;
    return condition;
  }

  // "[...]": a quoted tag may contain a closing bracket.
  Result<std::string> EntityTag() {
    const auto quote = text_.find('"');
    const auto closing = quote == std::string_view::npos ? quote : text_.find('"', quote + 1);
    const auto bracket = text_.find(']');
    if (closing == std::string_view::npos || bracket < quote) return Bracketed('[', ']');
    if (!text_.starts_with('[')) return Malformed("unexpected character");
    const auto end = text_.find(']', closing);
    if (end == std::string_view::npos) return Malformed("unclosed bracket");
    std::string inside(Trim(text_.substr(1, end - 1)));
    text_.remove_prefix(end + 1);
    return inside;
  }

  std::string_view text_;
  std::size_t conditions_ = 0;
};

}  // namespace

Result<IfHeader> ParseIfHeader(std::string_view value) {
  if (value.size() > kMaxIfHeaderBytes) return Malformed("too long");
  return Parser(value).Run();
}

bool Holds(const IfHeader& header,
           FunctionRef<bool(std::string_view resource, const IfCondition&)> matches) {
  return std::any_of(header.begin(), header.end(), [&](const IfList& list) {
    return std::all_of(list.conditions.begin(), list.conditions.end(),
                       [&](const IfCondition& condition) {
                         return matches(list.resource, condition) != condition.negated;
                       });
  });
}

std::vector<std::string> SubmittedTokens(const IfHeader& header) {
  std::vector<std::string> tokens;
  for (const IfList& list : header) {
    for (const IfCondition& condition : list.conditions) {
      if (condition.kind != IfCondition::Kind::kStateToken) continue;
      if (std::find(tokens.begin(), tokens.end(), condition.value) == tokens.end()) {
        tokens.push_back(condition.value);
      }
    }
  }
  return tokens;
}

std::optional<std::string> ParseLockToken(std::string_view value) {
  value = Trim(value);
  if (value.starts_with('<') && value.ends_with('>'))
    value = Trim(value.substr(1, value.size() - 2));
  if (value.empty() || value.size() > 1024) return std::nullopt;
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '<' && c != '>';
  });
  return plain ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace cairn::http
