// Cairn has no apps to install. What scripts look for by an app's name is told of the features that
// exist.
#include <algorithm>
#include <array>

#include "ocs/endpoints.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

struct App {
  std::string_view id;
  std::string_view name;
  std::string_view summary;
};

constexpr std::array kApps{
    App{"dav", "WebDAV", "Files over WebDAV"},
    App{"files", "Files", "Files and folders, uploads in parts"},
    App{"files_sharing", "File sharing", "Files and folders shared with users and groups"},
    App{"files_trashbin", "Deleted files", "What was deleted can be restored"},
    App{"files_versions", "Versions", "What was overwritten can be restored"},
    App{"provisioning_api", "Provisioning API", "Accounts and groups over OCS"},
    App{"theming", "Theming", "Name and colours for clients"},
};

}  // namespace

// `filter=disabled`: none.
ReplyTask ListApps(Call& call) {
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  json::array ids;
  if (Argument(call, "filter") != "disabled") {
    for (const App& app : kApps) ids.emplace_back(app.id);
  }
  co_return Reply::Of(json::object{{"apps", std::move(ids)}});
}

ReplyTask GetApp(Call& call) {
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  const auto* app = std::find_if(kApps.begin(), kApps.end(),
                                 [&](const App& one) { return one.id == call.params[0]; });
  if (app == kApps.end()) co_return Reply::Failure(kNotFound, "The request app was not found");
  co_return Reply::Of(json::object{{"id", app->id},
                                   {"name", app->name},
                                   {"summary", app->summary},
                                   {"description", app->summary},
                                   {"version", call.services.version.string}});
}

}  // namespace cairn::ocs
