#include "auth/keyed_hash.h"

#include <sodium.h>

#include "base/error.h"

namespace cairn::auth {

std::string KeyedHash(std::string_view key, std::string_view data) {
  std::string out(crypto_generichash_BYTES, '\0');
  const int failed =
      crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                         reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                         reinterpret_cast<const unsigned char*>(key.data()), key.size());
  CAIRN_CHECK(failed == 0);
  return out;
}

}  // namespace cairn::auth
