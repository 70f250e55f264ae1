// What this server can do, typed exactly as strict clients parse it: a block is complete or absent,
// and what is listed works.
#include "ocs/endpoints.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

json::object VersionOf(const ServerVersion& version) {
  return {{"major", version.parts[0]},
          {"minor", version.parts[1]},
          {"micro", version.parts[2]},
          {"string", version.string},
          {"edition", ""},
          {"extendedSupport", false}};
}

json::object Theming(const std::string& url, json::array themes) {
  constexpr std::string_view kColor = "#0082c9";
  return {{"name", "Cairn"},
          {"productName", "Cairn"},
          {"url", url},
          {"imprintUrl", ""},
          {"privacyUrl", ""},
          {"slogan", ""},
          {"color", kColor},
          {"color-text", "#ffffff"},
          {"color-element", kColor},
          {"color-element-bright", kColor},
          {"color-element-dark", kColor},
          {"logo", ""},
          {"background", kColor},
          {"background-text", "#ffffff"},
          {"background-plain", true},
          {"background-default", true},
          {"logoheader", ""},
          {"favicon", ""},
          {"primaryColor", kColor},
          {"backgroundColor", kColor},
          {"defaultPrimaryColor", kColor},
          {"defaultBackgroundColor", kColor},
          {"inverted", false},
          {"cacheBuster", ""},
          {"enabledThemes", std::move(themes)}};
}

// The forbidden names are those that storage::CheckName refuses.
json::object Files() {
  return {{"bigfilechunking", true},
          {"chunked_upload", json::object{{"max_size", 100 << 20}, {"max_parallel_count", 5}}},
          {"file_conversions", json::array()},
          {"undelete", true},
          {"delete_from_trash", true},
          {"versioning", true},
          {"version_labeling", true},
          {"version_deletion", true},
          {"comments", false},
          {"blacklisted_files", json::array{".htaccess"}},
          {"forbidden_filenames", json::array{".htaccess"}},
          {"forbidden_filename_basenames", json::array()},
          {"forbidden_filename_characters", json::array{"\\", "/"}},
          {"forbidden_filename_extensions", json::array{".filepart", ".part"}},
          {"windows_compatible_filenames", false},
          {"privateLinks", false}};
}

json::object Switch(bool on) { return {{"enabled", on}}; }

json::object ExpiryOf(const conf::ShareExpiry& rule) {
  if (rule.days == 0) return Switch(false);
  return {{"enabled", true}, {"days", rule.days}, {"enforced", rule.enforced}};
}

// Complete, as Android refuses a block without its required keys.
json::object Links(const conf::Sharing& rules) {
  const bool enforced = rules.link_passwords_enforced;
  return {{"enabled", true},
          {"password", json::object{{"enforced", enforced}, {"askForOptionalPassword", false}}},
          {"expire_date", ExpiryOf(rules.link_expiry)},
          {"expire_date_internal", ExpiryOf(rules.expiry)},
          {"expire_date_remote", Switch(false)},
          {"multiple", true},
          {"multiple_links", true},
          {"send_mail", false},
          {"upload", rules.link_uploads},
          {"upload_files_drop", rules.link_uploads},
          {"supports_upload_only", rules.link_uploads},
          {"custom_tokens", false}};
}

// The same while there are none: desktop clients offer what they do not find.
json::object NoLinks() {
  conf::Sharing rules;
  rules.link_uploads = false;
  json::object none = Links(rules);
  none["enabled"] = false;
  none["multiple"] = false;
  none["multiple_links"] = false;
  return none;
}

// With users, groups and links; shares of other kinds are switched off.
json::object Sharing(const conf::Sharing& rules) {
  return {{"api_enabled", true},
          {"resharing", true},
          {"default_permissions", 31},
          {"exclude_reshare_from_edit", false},
          {"group_sharing", true},
          {"group", json::object{{"enabled", true}, {"expire_date", Switch(true)}}},
          {"public", rules.links ? Links(rules) : NoLinks()},
          {"user", json::object{{"send_mail", false}, {"expire_date", Switch(true)}}},
          {"federation", json::object{{"outgoing", false}, {"incoming", false}}}};
}

// Nothing is pushed: clients ask.
json::object Notifications() {
  return {{"ocs-endpoints", json::array{"list", "get", "delete", "delete-all", "icons",
                                        "rich-strings", "action-web", "exists"}},
          {"push", json::array()},
          {"admin-notifications", json::array()}};
}

}  // namespace

ReplyTask GetCapabilities(Call& call) {
  json::object capabilities;
  if (call.principal) {
    capabilities["core"] = json::object{{"pollinterval", 60},
                                        {"webdav-root", "remote.php/webdav"},
                                        {"mod-rewrite-working", true},
                                        {"can-create-app-token", true}};
    capabilities["dav"] = json::object{{"chunking", "1.0"}};
    capabilities["files"] = Files();
    capabilities["files_sharing"] = Sharing(call.services.shares.rules());
    capabilities["notifications"] = Notifications();
  }
  capabilities["theming"] = Theming(BaseUrl(call.services, call.request),
                                    call.principal ? json::array{"default"} : json::array());
  json::object data;
  data["version"] = VersionOf(call.services.version);
  data["capabilities"] = std::move(capabilities);
  Reply reply = Reply::Of(std::move(data));
  reply.cacheable = true;
  co_return reply;
}

}  // namespace cairn::ocs
