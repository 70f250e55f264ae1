#include "server/request_id.h"

#include <algorithm>

namespace cairn::server {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kLength = 20;
constexpr std::size_t kMaxLength = 64;

bool IsUsable(std::string_view id) {
  return !id.empty() && id.size() <= kMaxLength && std::all_of(id.begin(), id.end(), [](char c) {
    return kAlphabet.find(c) != std::string_view::npos || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

std::string RequestId(std::string_view sent, Random& random) {
  return IsUsable(sent) ? std::string(sent) : random.Text(kLength, kAlphabet);
}

}  // namespace cairn::server
