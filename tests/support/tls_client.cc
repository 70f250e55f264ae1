#include "tests/support/tls_client.h"

#include <openssl/pem.h>

namespace cairn {

TlsClient::TlsClient(std::uint16_t port, int newest)
    : RawClient(port), context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
  // Old versions and ciphers too: that they are refused is the server's doing.
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  if (newest != 0) SSL_CTX_set_max_proto_version(context_, newest);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd());
  connected_ = SSL_connect(ssl_) == 1;
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

std::string TlsClient::Certificate() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  BIO* out = BIO_new(BIO_s_mem());
  if (certificate != nullptr) PEM_write_bio_X509(out, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(certificate);
  return text;
}

long TlsClient::ReadBytes(char* room, std::size_t size) {
  return SSL_read(ssl_, room, static_cast<int>(size));
}

long TlsClient::WriteBytes(std::string_view bytes) {
  return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace cairn
