// A QR code as an SVG image that stands in the page: dark on white whatever the page's colours. The
// door to libqrencode. Pure.
#pragma once

#include <string>
#include <string_view>

namespace cairn::web {

// `label`: what it is, for people who do not see it. Empty when `text` is too long.
std::string QrCode(std::string_view text, std::string_view label);

}  // namespace cairn::web
