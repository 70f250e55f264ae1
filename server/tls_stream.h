// A socket below TLS (OpenSSL). The handshake happens inside the first read, so its time counts
// against the same deadline.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "server/socket_stream.h"

namespace cairn::server {

class TlsStream final : public SocketStream {
 public:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  using Session = std::unique_ptr<SSL, Free>;

  // `session`: fresh, from TlsCertificates::NewSession.
  TlsStream(StreamSocket socket, Session session);

  bool secure() const override { return true; }

 private:
  Attempt TryRead(std::span<char> room) override;
  Attempt TryWrite(std::span<const std::string_view> pieces) override;
  void SayGoodbye() override;
  Attempt Failed(int code);

  Session session_;
  bool broken_ = false;  // after an error of the cipher nothing may be said any more
  // A write that would block must be repeated with the same bytes: they wait here.
  std::string gathered_;
};

}  // namespace cairn::server
