#include "web/avatar_colors.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace cairn::web {
namespace {

double LinearOf(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double LuminanceOf(const Color& color) {
  return 0.2126 * LinearOf(color.red) + 0.7152 * LinearOf(color.green) +
         0.0722 * LinearOf(color.blue);
}

// HSL; `hue` in degrees, the others 0 to 1.
Color FromHsl(double hue, double saturation, double lightness) {
  const double spread = saturation * std::min(lightness, 1 - lightness);
  const auto channel = [&](double shift) {
    const double place = std::fmod(shift + hue / 30, 12);
    const double value = lightness - spread * std::clamp(std::min(place - 3, 9 - place), -1.0, 1.0);
    return static_cast<std::uint8_t>(std::lround(value * 255));
  };
  return {channel(0), channel(8), channel(4)};
}

}  // namespace

double ContrastOf(const Color& a, const Color& b) {
  const double first = LuminanceOf(a) + 0.05;
  const double second = LuminanceOf(b) + 0.05;
  return std::max(first, second) / std::min(first, second);
}

AvatarColors ColorsOf(std::string_view user_name, bool dark) {
  constexpr double kSaturation = 0.6;
  constexpr double kStep = 0.02;
  const std::uint64_t number = Xxh3(AsBytes(user_name));
  const auto hue = static_cast<double>(number % 360);
  AvatarColors colors;
  if (dark) {
    colors.ground = FromHsl(hue, kSaturation, 0.18);
    double lightness = 0.7;
    do {
      colors.letter = FromHsl(hue, kSaturation, lightness);
      lightness += kStep;
    } while (ContrastOf(colors.ground, colors.letter) < kReadable && lightness < 1);
    return colors;
  }
  colors.letter = {255, 255, 255};
  double lightness = 0.5;
  do {
    colors.ground = FromHsl(hue, kSaturation, lightness);
    lightness -= kStep;
  } while (ContrastOf(colors.ground, colors.letter) < kReadable && lightness > 0);
  return colors;
}

}  // namespace cairn::web
