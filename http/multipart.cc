#include "http/multipart.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace cairn::http {
namespace {

Error Broken(std::string message) { return Fail(ErrorCode::kInvalidArgument, std::move(message)); }

bool IsTokenChar(char c) {
  return IsAlphaNumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// RFC 2046 section 5.1.1: bchars.
bool IsBoundary(std::string_view text) {
  const auto fits = [](char c) {
    return IsAlphaNumeric(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= Multipart::kMaxBoundary && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), fits);
}

// One "; name=value" or "; name="value"" off the front. False: there is none.
struct Parameter {
  std::string_view name;
  std::string_view value;
};
bool TakeParameter(std::string_view& text, Parameter& out) {
  text = Trim(text);
  if (!text.starts_with(';')) return false;
  text = Trim(text.substr(1));
  const auto name_end = std::find_if_not(text.begin(), text.end(), IsTokenChar);
  out.name = text.substr(0, static_cast<std::size_t>(name_end - text.begin()));
  text.remove_prefix(out.name.size());
  if (out.name.empty() || !text.starts_with('=')) return false;
  text.remove_prefix(1);
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    if (end == std::string_view::npos) return false;
    out.value = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return true;
  }
  const auto value_end = std::find_if_not(text.begin(), text.end(), IsTokenChar);
  out.value = text.substr(0, static_cast<std::size_t>(value_end - text.begin()));
  text.remove_prefix(out.value.size());
  return !out.value.empty();
}

// The type in front of the parameters.
std::string_view TakeType(std::string_view& text) {
  const std::string_view type = text.substr(0, text.find(';'));
  text.remove_prefix(type.size());
  return Trim(type);
}

std::string DecodeName(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view three = text.substr(0, 3);
    char c = text.front();
    std::size_t used = 3;
    if (three == "%22") {
      c = '"';
    } else if (EqualsIgnoreCase(three, "%0d")) {
      c = '\r';
    } else if (EqualsIgnoreCase(three, "%0a")) {
      c = '\n';
    } else {
      used = 1;
    }
    out += c;
    text.remove_prefix(used);
  }
  return out;
}

Result<PartHead> ParseDisposition(std::string_view value) {
  if (!EqualsIgnoreCase(TakeType(value), "form-data")) return Broken("a part is no form data");
  std::optional<std::string> name;
  std::optional<std::string> file;
  for (Parameter parameter; TakeParameter(value, parameter);) {
    std::optional<std::string>* field = nullptr;
    if (EqualsIgnoreCase(parameter.name, "name")) field = &name;
    if (EqualsIgnoreCase(parameter.name, "filename")) field = &file;
    // Not to be sent (RFC 7578 section 4.2); who sends it alone would lose a file here.
    if (EqualsIgnoreCase(parameter.name, "filename*")) return Broken("filename* is not for forms");
    if (field == nullptr) continue;
    if (field->has_value()) return Broken("a part has two names");
    *field = DecodeName(parameter.value);
  }
  if (!Trim(value).empty()) return Broken("a Content-Disposition is broken");
  if (!name) return Broken("a part has no name");
  return PartHead{std::move(*name), std::move(file)};
}

// `lines`: the fields of a head, each ended by CRLF.
Result<PartHead> ParseHead(std::string_view lines) {
  std::optional<PartHead> head;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      return Broken("a stray control character in the head of a part");
    const std::string_view name = line.substr(0, line.find(':'));
    if (name.size() == line.size() || name.empty() ||
        !std::all_of(name.begin(), name.end(), IsTokenChar))
      return Broken("a line in the head of a part is no field");
    if (!EqualsIgnoreCase(name, "Content-Disposition")) continue;
    if (head) return Broken("a part has two Content-Dispositions");
    ASSIGN_OR_RETURN(head, ParseDisposition(Trim(line.substr(name.size() + 1))));
  }
  if (!head) return Broken("a part has no Content-Disposition");
  return std::move(*head);
}

// How many bytes at the end of `text` may be the beginning of `mark`.
std::size_t BegunAtEnd(std::string_view text, std::string_view mark) {
  for (std::size_t n = std::min(text.size(), mark.size() - 1); n > 0; --n) {
    if (text.ends_with(mark.substr(0, n))) return n;
  }
  return 0;
}

}  // namespace

Result<Multipart> Multipart::Open(std::string_view content_type) {
  if (!EqualsIgnoreCase(TakeType(content_type), "multipart/form-data"))
    return Broken("a form of type multipart/form-data is expected");
  std::string_view boundary;
  for (Parameter parameter; TakeParameter(content_type, parameter);) {
    if (!EqualsIgnoreCase(parameter.name, "boundary")) continue;
    if (!boundary.empty()) return Broken("two boundaries");
    boundary = parameter.value;
  }
  if (!Trim(content_type).empty() || !IsBoundary(boundary)) return Broken("no boundary");
  return Multipart(boundary);
}

void Multipart::Feed(std::string_view piece) {
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_.append(piece);
}

Result<Multipart::Event> Multipart::Next() {
  switch (state_) {
    case State::kStart:
    case State::kBoundary:
      return ReadBoundary();
    case State::kHead:
      return ReadHead();
    case State::kData:
      return ReadData();
    case State::kEnd:
      break;
  }
  return Event{Kind::kEnd};
}

Result<void> Multipart::Finish() const {
  if (state_ == State::kEnd) return {};
  return Broken("the form ends in the middle");
}

// At a delimiter, as far as it is here.
Result<Multipart::Event> Multipart::ReadBoundary() {
  const std::string_view rest = Rest();
  const std::size_t known = std::min(rest.size(), delimiter_.size());
  if (rest.substr(0, known) != std::string_view(delimiter_).substr(0, known))
    return Broken("the form does not begin with its boundary");
  if (rest.size() < delimiter_.size() + 2) return Event{};
  const std::string_view after = rest.substr(delimiter_.size(), 2);
  if (after != "\r\n" && after != "--") return Broken("a boundary in the middle of a line");
  const bool first = state_ == State::kStart;
  if (after == "\r\n" && ++parts_ > kMaxParts) return Fail(ErrorCode::kTooLarge, "too many parts");
  // The line break stays: a head without fields is two of them in a row.
  at_ += delimiter_.size();
  state_ = after == "--" ? State::kEnd : State::kHead;
  return first ? Next() : Event{Kind::kPartEnd};
}

Result<Multipart::Event> Multipart::ReadHead() {
  const std::string_view rest = Rest();
  const std::size_t end = rest.substr(0, kMaxHead).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (rest.size() >= kMaxHead)
      return Fail(ErrorCode::kTooLarge, "the head of a part is too long");
    return Event{};
  }
  ASSIGN_OR_RETURN(part_, ParseHead(rest.substr(2, end)));
  at_ += end + 4;
  state_ = State::kData;
  return Event{Kind::kPart};
}

Result<Multipart::Event> Multipart::ReadData() {
  const std::string_view rest = Rest();
  const std::size_t end = rest.find(delimiter_);
  const bool whole = end != std::string_view::npos;
  const std::string_view data =
      rest.substr(0, whole ? end : rest.size() - BegunAtEnd(rest, delimiter_));
  at_ += data.size();
  if (!data.empty()) return Event{Kind::kData, data};
  if (!whole) return Event{};
  state_ = State::kBoundary;
  return ReadBoundary();
}

}  // namespace cairn::http
