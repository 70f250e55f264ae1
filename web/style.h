// The style sheet of all pages.
#pragma once

#include <string_view>

namespace cairn::web {

inline constexpr std::string_view kStylePath = "/core/css/cairn.css";
extern const std::string_view kStyle;

}  // namespace cairn::web
