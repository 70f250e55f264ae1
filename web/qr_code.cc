#include "web/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "web/html.h"

namespace cairn::web {
namespace {

constexpr int kQuietZone = 4;  // modules, ISO/IEC 18004

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

std::string QrCode(std::string_view text, std::string_view label) {
  const std::string copy(text);
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeString8bit(copy.c_str(), 0, QR_ECLEVEL_M));
  if (!code) return {};
  const int side = code->width + 2 * kQuietZone;
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) == 0) continue;
      path +=
          "M" + std::to_string(x + kQuietZone) + " " + std::to_string(y + kQuietZone) + "h1v1h-1z";
    }
  }
  const std::string box = std::to_string(side);
  return "<svg class=\"qr\" role=\"img\" aria-label=\"" + Escape(label) + "\" viewBox=\"0 0 " +
         box + " " + box + "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" + box +
         "v" + box + "H0z\"/><path fill=\"#000\" d=\"" + path + "\"/></svg>\n";
}

}  // namespace cairn::web
