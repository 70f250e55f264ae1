// Accounts and groups over OCS: beside alice (of staff), bob and the administrator root there is
// carol, sub-admin and member of staff, and the group sales, which bob is in.
#pragma once

#include "auth/group_admins.h"
#include "tests/ocs/ocs_fixture.h"

namespace cairn::ocs {

class ProvisioningCase : public OcsCase {
 protected:
  ProvisioningCase() {
    auth::NewUser carol;
    carol.name = "carol";
    carol.password = "carol-password";
    carol.display_name = "Ada Carol";
    carol.groups = {"staff"};
    CAIRN_CHECK(users_.Create(carol).has_value());
    CAIRN_CHECK(groups_.Create("sales").has_value());
    CAIRN_CHECK(groups_.AddMember("sales", IdOf("bob")).has_value());
    CAIRN_CHECK(admins_.Add("staff", IdOf("carol")).has_value());
  }

  // Version 2 in JSON; `path` is below /cloud.
  Answer Call(std::string_view method, std::string_view path, std::string_view user,
              std::string body = {}) {
    return Ask(method, "/ocs/v2.php/cloud" + std::string(path), user,
               {{"Accept", "application/json"}}, std::move(body));
  }
  Answer Edit(std::string_view name, std::string_view key, std::string_view value,
              std::string_view user = "root") {
    return Call("PUT", "/users/" + std::string(name), user,
                "key=" + std::string(key) + "&value=" + http::EncodeUriComponent(value));
  }
  std::string DataOf(std::string_view path, std::string_view user = "root") {
    const Answer answer = Call("GET", path, user);
    return answer.status == 200 ? ToJson(answer.Data()) : answer.body;
  }
  std::string FieldOf(std::string_view name, std::string_view field,
                      std::string_view user = "root") {
    const auto data = Call("GET", "/users/" + std::string(name), user).Data();
    const auto* value = data.as_object().if_contains(field);
    return value == nullptr ? "absent" : ToJson(*value);
  }
  bool Exists(std::string_view name) {
    const auto user = users_.FindByName(*engine_.kv().Published(), name);
    return user.has_value() && user->has_value();
  }
  std::vector<std::string> GroupsOf(std::string_view name) {
    return *groups_.Of(*engine_.kv().Published(), IdOf(name));
  }

  static std::string Refusal(int code, std::string_view message = {}) {
    return R"({"ocs":{"meta":{"status":"failure","statuscode":)" + std::to_string(code) +
           R"(,"message":")" + std::string(message) + R"("},"data":[]}})";
  }
  static std::string Success() {
    return R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":[]}})";
  }

  auth::GroupAdmins admins_{engine_.kv()};
};

}  // namespace cairn::ocs
