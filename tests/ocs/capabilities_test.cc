// The type of every key: one wrong type makes the whole document unreadable for iOS, one missing
// key in a block that is there makes it unreadable for Android.
#include "tests/ocs/ocs_fixture.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

using CapabilitiesCase = OcsCase;

// path -> "bool", "int", "string", "[string]", "{}": leaves only.
void Flatten(const json::value& value, const std::string& path,
             std::map<std::string, std::string>& out) {
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      Flatten(member.value(), path + "/" + std::string(member.key()), out);
    if (object->empty()) out[path] = "{}";
  } else if (const auto* array = value.if_array()) {
    out[path] = "[string]";
    for (const json::value& item : *array) EXPECT_TRUE(item.is_string()) << path;
  } else if (value.is_bool()) {
    out[path] = "bool";
  } else if (value.is_number()) {
    EXPECT_FALSE(value.is_double()) << path;
    out[path] = "int";
  } else {
    EXPECT_TRUE(value.is_string()) << path;
    out[path] = "string";
  }
}

std::map<std::string, std::string> TypesOf(const json::value& value) {
  std::map<std::string, std::string> types;
  Flatten(value, "", types);
  return types;
}

std::map<std::string, std::string> AnonymousTypes() {
  std::map<std::string, std::string> types = {
      {"/version/major", "int"},      {"/version/minor", "int"},
      {"/version/micro", "int"},      {"/version/string", "string"},
      {"/version/edition", "string"}, {"/version/extendedSupport", "bool"},
  };
  for (const std::string_view key : {"name",
                                     "productName",
                                     "url",
                                     "imprintUrl",
                                     "privacyUrl",
                                     "slogan",
                                     "color",
                                     "color-text",
                                     "color-element",
                                     "color-element-bright",
                                     "color-element-dark",
                                     "logo",
                                     "background",
                                     "background-text",
                                     "logoheader",
                                     "favicon",
                                     "primaryColor",
                                     "backgroundColor",
                                     "defaultPrimaryColor",
                                     "defaultBackgroundColor",
                                     "cacheBuster"}) {
    types["/capabilities/theming/" + std::string(key)] = "string";
  }
  types["/capabilities/theming/background-plain"] = "bool";
  types["/capabilities/theming/background-default"] = "bool";
  types["/capabilities/theming/inverted"] = "bool";
  types["/capabilities/theming/enabledThemes"] = "[string]";
  return types;
}

void Add(std::map<std::string, std::string>& types, const std::string& block,
         const std::string& type, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    types["/capabilities/" + block + "/" + std::string(key)] = type;
}

TEST_F(CapabilitiesCase, EveryKeyHasItsType) {
  auto types = AnonymousTypes();
  EXPECT_EQ(TypesOf(Get("/ocs/v2.php/cloud/capabilities?format=json", "").Data()), types);

  Add(types, "core", "int", {"pollinterval"});
  Add(types, "core", "string", {"webdav-root"});
  Add(types, "core", "bool", {"mod-rewrite-working", "can-create-app-token"});
  Add(types, "dav", "string", {"chunking"});
  Add(types, "files", "bool",
      {"bigfilechunking", "undelete", "delete_from_trash", "versioning", "version_deletion",
       "version_labeling", "comments", "windows_compatible_filenames", "privateLinks"});
  Add(types, "files/chunked_upload", "int", {"max_size", "max_parallel_count"});
  Add(types, "files", "[string]",
      {"file_conversions", "blacklisted_files", "forbidden_filenames",
       "forbidden_filename_basenames", "forbidden_filename_characters",
       "forbidden_filename_extensions"});
  Add(types, "files_sharing", "bool",
      {"api_enabled", "resharing", "group_sharing", "exclude_reshare_from_edit"});
  Add(types, "files_sharing/group", "bool", {"enabled", "expire_date/enabled"});
  Add(types, "files_sharing", "int", {"default_permissions"});
  Add(types, "files_sharing/public", "bool",
      {"enabled", "password/enforced", "password/askForOptionalPassword", "expire_date/enabled",
       "expire_date_internal/enabled", "expire_date_remote/enabled", "multiple", "multiple_links",
       "send_mail", "upload", "upload_files_drop", "supports_upload_only", "custom_tokens"});
  Add(types, "files_sharing/user", "bool", {"send_mail", "expire_date/enabled"});
  Add(types, "files_sharing/federation", "bool", {"outgoing", "incoming"});
  Add(types, "notifications", "[string]", {"ocs-endpoints", "push", "admin-notifications"});
  EXPECT_EQ(TypesOf(Get("/ocs/v1.php/cloud/capabilities?format=json").Data()), types);
}

TEST_F(CapabilitiesCase, UsersGroupsAndLinks) {
  const auto read = [&] {
    return Get("/ocs/v2.php/cloud/capabilities?format=json")
        .Data()
        .at("capabilities")
        .at("files_sharing");
  };
  EXPECT_EQ(ToJson(read().at("public")),
            R"({"enabled":true,"password":{"enforced":false,"askForOptionalPassword":false},)"
            R"("expire_date":{"enabled":false},"expire_date_internal":{"enabled":false},)"
            R"("expire_date_remote":{"enabled":false},"multiple":true,"multiple_links":true,)"
            R"("send_mail":false,"upload":true,"upload_files_drop":true,)"
            R"("supports_upload_only":true,"custom_tokens":false})");
  conf::Sharing rules;
  rules.link_passwords_enforced = true;
  rules.link_expiry = {7, true};
  rules.link_uploads = false;
  shares_.SetRules(rules);
  EXPECT_EQ(ToJson(read().at("public")),
            R"({"enabled":true,"password":{"enforced":true,"askForOptionalPassword":false},)"
            R"("expire_date":{"enabled":true,"days":7,"enforced":true},)"
            R"("expire_date_internal":{"enabled":false},)"
            R"("expire_date_remote":{"enabled":false},"multiple":true,"multiple_links":true,)"
            R"("send_mail":false,"upload":false,"upload_files_drop":false,)"
            R"("supports_upload_only":false,"custom_tokens":false})");
  rules.links = false;
  shares_.SetRules(rules);
  const auto sharing = read();
  EXPECT_EQ(ToJson(sharing),
            R"({"api_enabled":true,"resharing":true,"default_permissions":31,)"
            R"("exclude_reshare_from_edit":false,"group_sharing":true,)"
            R"("group":{"enabled":true,"expire_date":{"enabled":true}},)"
            R"("public":{"enabled":false,)"
            R"("password":{"enforced":false,"askForOptionalPassword":false},)"
            R"("expire_date":{"enabled":false},"expire_date_internal":{"enabled":false},)"
            R"("expire_date_remote":{"enabled":false},"multiple":false,"multiple_links":false,)"
            R"("send_mail":false,"upload":false,"upload_files_drop":false,)"
            R"("supports_upload_only":false,"custom_tokens":false},)"
            R"("user":{"send_mail":false,"expire_date":{"enabled":true}},)"
            R"("federation":{"outgoing":false,"incoming":false}})");
}

TEST_F(CapabilitiesCase, VersionIsTheOneOfStatusPhp) {
  EXPECT_EQ(
      ToJson(Get("/ocs/v2.php/cloud/capabilities?format=json").Data().at("version")),
      R"({"major":32,"minor":0,"micro":6,"string":"32.0.6","edition":"","extendedSupport":false})");
  EXPECT_EQ(
      Contact("GET", "/status.php").body,
      R"({"installed":true,"maintenance":false,"needsDbUpgrade":false,"version":"32.0.6.1",)"
      R"("versionstring":"32.0.6","edition":"","productname":"Nextcloud","extendedSupport":false})");
}

TEST_F(CapabilitiesCase, NamesThatAreForbiddenAreThoseTheTreeRefuses) {
  const auto files =
      Get("/ocs/v2.php/cloud/capabilities?format=json").Data().at("capabilities").at("files");
  for (const json::value& end : files.at("forbidden_filename_extensions").as_array()) {
    EXPECT_TRUE(storage::CheckName("a" + std::string(end.as_string())).has_error()) << end;
  }
  for (const json::value& name : files.at("forbidden_filenames").as_array()) {
    EXPECT_TRUE(storage::CheckName(name.as_string()).has_error()) << name;
  }
  for (const json::value& character : files.at("forbidden_filename_characters").as_array()) {
    EXPECT_TRUE(storage::CheckName("a" + std::string(character.as_string()) + "b").has_error())
        << character;
  }
}

TEST_F(CapabilitiesCase, UnchangedIs304) {
  const Answer first = Get("/ocs/v2.php/cloud/capabilities?format=json");
  const std::string etag = first.Header("ETag");
  ASSERT_EQ(etag.size(), 34u);
  const Answer again = Get("/ocs/v1.php/cloud/capabilities", "alice", {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.Header("ETag"), etag);
  EXPECT_EQ(again.body, "");
  EXPECT_FALSE(again.headers.Has("Content-Type"));
  EXPECT_EQ(Get("/ocs/v1.php/cloud/capabilities", "alice", {{"If-None-Match", "\"other\""}}).status,
            200);
  EXPECT_NE(Get("/ocs/v2.php/cloud/capabilities", "").Header("ETag"), etag);
}

TEST_F(CapabilitiesCase, AsXml) {
  const Answer answer =
      Get("/ocs/v1.php/cloud/capabilities", "alice", {{"OCS-APIRequest", "true"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body,
              testing::HasSubstr("   <core>\n    <pollinterval>60</pollinterval>\n"
                                 "    <webdav-root>remote.php/webdav</webdav-root>\n"));
  EXPECT_THAT(answer.body, testing::HasSubstr("    <forbidden_filename_basenames/>\n"));
}

}  // namespace
}  // namespace cairn::ocs
