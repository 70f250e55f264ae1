// The script of upload forms: it sends the files of the form one by one and shows how far each is.
// Without it the browser sends the form itself, to the same address.
#pragma once

#include <string_view>

namespace cairn::web {

inline constexpr std::string_view kLinkScriptPath = "/core/js/link.js";
extern const std::string_view kLinkScript;

}  // namespace cairn::web
