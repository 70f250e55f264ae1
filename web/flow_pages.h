// What the two login flows show alike: who asks, and the click that grants.
//
// A secret in a cookie ties a flow to one browser; the state that travels in addresses and forms is
// derived from it and worth nothing without the cookie.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/visit.h"

namespace cairn::web {

std::string FlowState(std::string_view flow_cookie);
// The state that came with the request is the one of this browser's cookie.
bool HasFlowState(const Visit& visit, std::optional<std::string_view> given);

// "An application asks"; `grant_path`: where to go after logging in.
http::Response AskPage(const Visit& visit, std::string_view device, std::string_view grant_path,
                       std::string_view user);
// The form whose POST to `action` grants.
http::Response GrantPage(const Visit& visit, std::string_view device, std::string_view action);
// 403: unknown, over, or another browser's.
http::Response NoFlow(const Visit& visit);

}  // namespace cairn::web
