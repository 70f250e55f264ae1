// What clients ask of the core itself.
#include "ocs/endpoints.h"

namespace cairn::ocs {

namespace json = boost::json;

ReplyTask GetConfig(Call& call) {
  const bool tls = BaseUrl(call.services, call.request).starts_with("https://");
  co_return Reply::Of(json::object{
      {"version", "1.7"},
      {"website", "Nextcloud"},
      {"host", call.request.host()},
      {"contact", ""},
      {"ssl", tls ? "true" : "false"},  // a text in the recording too
  });
}

// No web apps: the desktop client then shows no menu for them.
ReplyTask GetNavigation(Call&) {
  Reply reply;
  reply.cacheable = true;
  co_return reply;
}

}  // namespace cairn::ocs
