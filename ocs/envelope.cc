#include "ocs/envelope.h"

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/unicode.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

// Decimal notation: some clients read "1.234E1" as text.
void AppendDouble(std::string& out, double number) {
  char text[400];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  out.append(text, end.ptr);
}

void AppendJson(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    out += '{';
    for (bool first = true; const auto& member : *object) {
      if (!std::exchange(first, false)) out += ',';
      out += json::serialize(json::string(member.key()));
      out += ':';
      AppendJson(out, member.value());
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (bool first = true; const json::value& item : *array) {
      if (!std::exchange(first, false)) out += ',';
      AppendJson(out, item);
    }
    out += ']';
  } else if (const auto* number = value.if_double()) {
    AppendDouble(out, *number);
  } else {
    out += json::serialize(value);
  }
}

// Characters that XML 1.0 cannot carry are left out.
void AppendXmlText(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r') out += c;
    }
  }
}

bool HoldsNothing(const json::value& value) {
  return value.is_null() || (value.is_object() && value.get_object().empty()) ||
         (value.is_array() && value.get_array().empty());
}

void AppendXmlScalar(std::string& out, const json::value& value) {
  if (const auto* text = value.if_string()) return AppendXmlText(out, *text);
  if (const auto* flag = value.if_bool()) return void(out += *flag ? "1" : "");
  AppendJson(out, value);
}

void AppendXml(std::string& out, std::string_view name, const json::value& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth), ' ');
  out.append(indent).append("<").append(name);
  if (HoldsNothing(value)) return void(out += "/>\n");
  out += '>';
  if (const auto* object = value.if_object()) {
    out += '\n';
    for (const auto& member : *object) AppendXml(out, member.key(), member.value(), depth + 1);
    out += indent;
  } else if (const auto* array = value.if_array()) {
    out += '\n';
    for (const json::value& item : *array) AppendXml(out, "element", item, depth + 1);
    out += indent;
  } else {
    AppendXmlScalar(out, value);
  }
  out.append("</").append(name).append(">\n");
}

json::object Meta(const Reply& reply, ApiVersion version) {
  json::object meta;
  meta["status"] = reply.code == 200 ? "ok" : "failure";
  meta["statuscode"] = version == ApiVersion::kV1 && reply.code == 200 ? 100 : reply.code;
  meta["message"] = reply.message;
  if (version == ApiVersion::kV1) {
    meta["totalitems"] = "";
    meta["itemsperpage"] = "";
  }
  return meta;
}

}  // namespace

Reply Reply::Of(json::value data) {
  Reply reply;
  reply.data = std::move(data);
  return reply;
}

Reply Reply::Failure(int code, std::string message) {
  Reply reply;
  reply.code = code;
  // A message may repeat what was asked for.
  reply.message.clear();
  if (IsValidUtf8(message)) reply.message = std::move(message);
  return reply;
}

Reply ReplyTo(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnauthenticated:
      return Reply::Failure(kUnauthenticated, "Unauthorised");
    case ErrorCode::kForbidden:
      return Reply::Failure(403, "Forbidden");
    case ErrorCode::kNotFound:
      return Reply::Failure(404, "Not found");
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidName:
    case ErrorCode::kTooLarge:
    case ErrorCode::kCancelled:  // a body that did not come: nobody is left to read it
      return Reply::Failure(400, "Bad request");
    case ErrorCode::kThrottled:
      return Reply::Failure(429, "Too many attempts, try again later");
    case ErrorCode::kBusy:
    case ErrorCode::kDiskFull:
      return Reply::Failure(503, "The server is busy, try again later");
    default:
      return Reply::Failure(kServerError, "Internal server error");
  }
}

Format FormatOf(const http::Form& query, std::string_view accept) {
  if (const auto asked = query.Last("format"))
    return *asked == "json" ? Format::kJson : Format::kXml;
  while (!accept.empty()) {
    const std::string_view range = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(range.size() + 1, accept.size()));
    const std::string_view type = Trim(range.substr(0, range.find(';')));
    if (EqualsIgnoreCase(type, "application/json")) return Format::kJson;
    if (EqualsIgnoreCase(type, "application/xml") || EqualsIgnoreCase(type, "text/xml"))
      return Format::kXml;
  }
  return Format::kXml;
}

int HttpStatusOf(int code, ApiVersion version) {
  if (code == kUnauthenticated) return 401;
  if (code == 503 || code == 429) return code;
  if (version == ApiVersion::kV1) return 200;
  if (code == kNotFound) return 404;
  if (code == kServerError || code == kUnknownError) return 500;
  if (code > 100 && code < 200) return 400;  // provisioning's own numbers
  return code >= 200 && code < 600 ? code : 500;
}

std::string ToJson(const json::value& value) {
  std::string out;
  AppendJson(out, value);
  return out;
}

std::string ToXml(std::string_view name, const json::value& value, int depth) {
  std::string out;
  AppendXml(out, name, value, depth);
  return out;
}

std::string EtagOf(const json::value& data) { return ToHex(Sha256(ToJson(data))).substr(0, 32); }

http::Response Render(const Reply& reply, ApiVersion version, Format format) {
  http::Response response(HttpStatusOf(reply.code, version));
  const json::object meta = Meta(reply, version);
  if (format == Format::kJson) {
    response.With("Content-Type", "application/json; charset=utf-8");
    response.body = R"({"ocs":{"meta":)" + ToJson(meta) + R"(,"data":)" + ToJson(reply.data) + "}}";
  } else {
    response.With("Content-Type", "application/xml; charset=utf-8");
    response.body = "<?xml version=\"1.0\"?>\n<ocs>\n" + ToXml("meta", meta, 1) +
                    ToXml("data", reply.data, 1) + "</ocs>\n";
  }
  if (!reply.link.empty()) response.With("Link", reply.link);
  if (response.status == 503) response.With("Retry-After", "5");
  return response;
}

}  // namespace cairn::ocs
