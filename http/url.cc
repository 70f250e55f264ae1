#include "http/url.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/unicode.h"

namespace cairn::http {
namespace {

constexpr std::size_t kMaxFormFields = 1000;

std::string PercentEncode(std::string_view text, std::string_view also_plain, bool upper_case) {
  const char* digits = upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (IsAlphaNumeric(c) || also_plain.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

// The byte of "%xx" at the start of `text`.
std::optional<char> Escape(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const auto byte = FromHex(text.substr(1, 2));
  return byte ? std::optional(byte->front()) : std::nullopt;
}

Result<std::string> DecodeSegment(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out.push_back(raw[i]);
      continue;
    }
    const auto byte = Escape(raw.substr(i));
    if (!byte) return Fail(ErrorCode::kInvalidArgument, "broken percent escape in a path");
    if (*byte == '/') return Fail(ErrorCode::kInvalidArgument, "encoded slash in a path");
    out.push_back(*byte);
    i += 2;
  }
  if (out == "." || out == "..") return Fail(ErrorCode::kInvalidArgument, "dot segment in a path");
  if (out.find('\0') != std::string::npos)
    return Fail(ErrorCode::kInvalidArgument, "NUL in a path");
  if (!IsValidUtf8(out)) return Fail(ErrorCode::kInvalidArgument, "path is not UTF-8");
  return out;
}

std::string DecodeFormText(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+') {
      out.push_back(' ');
    } else if (const auto byte = Escape(raw.substr(i))) {
      out.push_back(*byte);
      i += 2;
    } else {
      out.push_back(raw[i]);
    }
  }
  return out;
}

struct UrlParts {
  std::string_view scheme, authority, path;
};

// "http://host/path": nullopt for another scheme, user information or no host.
std::optional<UrlParts> SplitUrl(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  UrlParts parts;
  parts.scheme = url.substr(0, scheme_end);
  if (!EqualsIgnoreCase(parts.scheme, "http") && !EqualsIgnoreCase(parts.scheme, "https")) {
    return std::nullopt;
  }
  const std::string_view rest = url.substr(scheme_end + 3);
  const auto path_at = std::min(rest.find_first_of("/?#"), rest.size());
  parts.authority = rest.substr(0, path_at);
  parts.path = rest.substr(path_at);
  if (parts.authority.empty() || parts.authority.find('@') != std::string_view::npos) {
    return std::nullopt;
  }
  return parts;
}

std::string_view WithoutDefaultPort(std::string_view authority, std::string_view scheme) {
  for (std::string_view port : {EqualsIgnoreCase(scheme, "https") ? ":443" : ":80", ":"}) {
    if (authority.ends_with(port)) {
      authority.remove_suffix(port.size());
      break;
    }
  }
  return authority;
}

}  // namespace

Result<DecodedPath> DecodePath(std::string_view raw_path) {
  if (!raw_path.starts_with('/')) return Fail(ErrorCode::kInvalidArgument, "path is not absolute");
  DecodedPath path;
  path.trailing_slash = raw_path.ends_with('/');
  for (std::size_t at = 0; at < raw_path.size();) {
    const auto end = std::min(raw_path.find('/', at), raw_path.size());
    if (end > at) {
      ASSIGN_OR_RETURN(std::string segment, DecodeSegment(raw_path.substr(at, end - at)));
      path.segments.push_back(std::move(segment));
    }
    at = end + 1;
  }
  return path;
}

std::string EncodePath(std::string_view path) { return PercentEncode(path, "_-.~()/:@", false); }

std::string EncodeSegment(std::string_view segment) {
  return PercentEncode(segment, "_-.~():@", false);
}

std::string EncodePath(const DecodedPath& path) {
  std::string out;
  for (const std::string& segment : path.segments) out += "/" + EncodeSegment(segment);
  if (path.trailing_slash || out.empty()) out += "/";
  return out;
}

std::string EncodeUriComponent(std::string_view text) { return PercentEncode(text, "_-.~", true); }

Form Form::Parse(std::string_view raw) {
  Form form;
  while (!raw.empty() && form.fields_.size() < kMaxFormFields) {
    const auto end = std::min(raw.find('&'), raw.size());
    const std::string_view field = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (field.empty()) continue;
    const auto equals = std::min(field.find('='), field.size());
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    form.fields_.emplace_back(DecodeFormText(field.substr(0, equals)), DecodeFormText(value));
  }
  return form;
}

std::optional<std::string_view> Form::First(std::string_view name) const {
  for (const auto& field : fields_) {
    if (field.first == name) return field.second;
  }
  return std::nullopt;
}

std::optional<std::string_view> Form::Last(std::string_view name) const {
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    if (field->first == name) return field->second;
  }
  return std::nullopt;
}

std::vector<std::string_view> Form::All(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& field : fields_) {
    if (field.first == name) values.push_back(field.second);
  }
  return values;
}

bool WantsJson(const Form& query) { return query.Last("format") == "json"; }

std::string_view StripSubPath(std::string_view path, std::string_view sub_path) {
  while (sub_path.ends_with('/')) sub_path.remove_suffix(1);
  if (sub_path.empty() || !path.starts_with(sub_path)) return path;
  const std::string_view rest = path.substr(sub_path.size());
  if (rest.empty()) return "/";
  return rest.starts_with('/') ? rest : path;
}

Destination ParseDestination(std::string_view value, std::string_view request_host,
                             std::string_view public_url) {
  value = Trim(value);
  const auto published = SplitUrl(public_url);
  std::string_view raw_path = value;
  if (!value.starts_with('/')) {
    const auto url = SplitUrl(value);
    if (!url) return {};
    const std::string_view host = WithoutDefaultPort(url->authority, url->scheme);
    // Behind a proxy the Host header's scheme is not known: it counts as that of the URL.
    const bool own = EqualsIgnoreCase(host, WithoutDefaultPort(request_host, url->scheme)) ||
                     (published && EqualsIgnoreCase(host, WithoutDefaultPort(published->authority,
                                                                             published->scheme)));
    if (!own) return {DestinationStatus::kForeignHost, {}};
    raw_path = url->path.empty() ? "/" : url->path;
  }
  if (raw_path.find_first_of("?#") != std::string_view::npos) return {};
  if (published) raw_path = StripSubPath(raw_path, published->path);
  auto path = DecodePath(raw_path);
  if (path.has_error()) return {};
  return {DestinationStatus::kOk, std::move(path).value()};
}

std::string HostOfUrl(std::string_view url) {
  const auto parts = SplitUrl(url);
  if (!parts) return {};
  std::string_view host = parts->authority;
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  return std::string(host.substr(0, host.find(':')));
}

}  // namespace cairn::http
