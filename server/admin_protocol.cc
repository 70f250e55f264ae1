// The lines of server/admin_socket.h.
#include <boost/json.hpp>

#include "server/admin_socket.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

Error BadLine() {
  return Fail(ErrorCode::kInvalidArgument, "not a line of the admin socket's protocol");
}

Result<json::object> ParseObject(std::string_view line) {
  json::error_code bad;
  json::value value = json::parse(json::string_view(line.data(), line.size()), bad);
  if (bad || !value.is_object()) return BadLine();
  return std::move(value.get_object());
}

// False: not a string.
bool Take(const json::value* value, std::string& into) {
  if (value == nullptr || !value->is_string()) return false;
  into = std::string_view(value->get_string());
  return true;
}

}  // namespace

Result<AdminRequest> ParseAdminRequest(std::string_view line) {
  ASSIGN_OR_RETURN(const json::object object, ParseObject(line));
  AdminRequest request;
  const json::value* args = object.if_contains("args");
  if (args == nullptr || !args->is_array()) return BadLine();
  for (const json::value& arg : args->get_array()) {
    if (!Take(&arg, request.args.emplace_back())) return BadLine();
  }
  if (const json::value* env = object.if_contains("env")) {
    if (!env->is_object()) return BadLine();
    for (const auto& member : env->get_object()) {
      if (!Take(&member.value(), request.input.env[std::string(member.key())])) return BadLine();
    }
  }
  const json::value* text = object.if_contains("stdin");
  if (text != nullptr && !text->is_null() && !Take(text, request.input.stdin_text.emplace()))
    return BadLine();
  return request;
}

Result<AdminReply> ParseAdminReply(std::string_view line) {
  ASSIGN_OR_RETURN(const json::object object, ParseObject(line));
  AdminReply reply;
  const json::value* exit = object.if_contains("exit");
  if (exit == nullptr || !exit->is_int64() || exit->get_int64() < 0 || exit->get_int64() > 255)
    return BadLine();
  reply.exit = static_cast<int>(exit->get_int64());
  if (!Take(object.if_contains("stdout"), reply.out) ||
      !Take(object.if_contains("stderr"), reply.err)) {
    return BadLine();
  }
  return reply;
}

std::string AdminLine(const AdminRequest& request) {
  json::object object;
  json::array& args = object.emplace("args", json::array()).first->value().get_array();
  for (const std::string& arg : request.args) args.emplace_back(arg);
  json::object& env = object.emplace("env", json::object()).first->value().get_object();
  for (const auto& [name, value] : request.input.env) env[name] = value;
  object["stdin"] =
      request.input.stdin_text ? json::value(*request.input.stdin_text) : json::value(nullptr);
  return json::serialize(object) + "\n";
}

std::string AdminLine(const AdminReply& reply) {
  const json::object object{{"exit", reply.exit}, {"stdout", reply.out}, {"stderr", reply.err}};
  return json::serialize(object) + "\n";
}

}  // namespace cairn::server
