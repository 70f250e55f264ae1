// A RawClient below TLS. Certificates are not verified: tests look at them.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "tests/support/raw_client.h"

namespace cairn {

class TlsClient final : public RawClient {
 public:
  // `newest`: the newest protocol version to offer, as TLS1_2_VERSION; 0: whatever there is.
  explicit TlsClient(std::uint16_t port, int newest = 0);
  ~TlsClient() override;

  // The handshake came to its end.
  bool connected() const { return connected_; }
  std::string protocol() const { return SSL_get_version(ssl_); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_); }
  // The server's certificate as PEM text.
  std::string Certificate() const;
  // After the end: the server said goodbye, it was not cut off.
  bool SawGoodbye() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  long ReadBytes(char* room, std::size_t size) override;
  long WriteBytes(std::string_view bytes) override;

  SSL_CTX* context_;
  SSL* ssl_;
  bool connected_ = false;
};

}  // namespace cairn
