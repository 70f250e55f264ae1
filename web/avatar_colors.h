// The colours of a picture that is drawn from a name: stable for a user, and never so near to each
// other that the letter is hard to read. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn::web {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Color&) const = default;
};

struct AvatarColors {
  Color ground;
  Color letter;
};

// What WCAG 2.2 asks of text (success criterion 1.4.3).
inline constexpr double kReadable = 4.5;

// The contrast ratio of WCAG 2.2: 1 to 21.
double ContrastOf(const Color& a, const Color& b);

// A white letter on a strong colour; `dark`: a light letter on a dark ground of the same hue.
AvatarColors ColorsOf(std::string_view user_name, bool dark);

}  // namespace cairn::web
