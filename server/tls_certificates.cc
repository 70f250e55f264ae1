#include "server/tls_certificates.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include <array>
#include <utility>

namespace cairn::server {
namespace {

constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kCurves = "X25519:P-256:P-384";
// "h2" is not spoken here; saying so spares clients a guess.
constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Error Refused(const std::filesystem::path& file, const std::string& why) {
  std::array<char, 256> text{};
  const unsigned long code = ERR_peek_last_error();
  if (code != 0) ERR_error_string_n(code, text.data(), text.size());
  std::string message = file.string() + ": " + why;
  if (text[0] != '\0') message.append(" (").append(text.data()).append(")");
  ERR_clear_error();
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

// 1: taken, 0: none of ours.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_length,
                   const unsigned char* in, unsigned int in_length, void*) {
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_length, kProtocols.data(),
                            static_cast<unsigned int>(kProtocols.size()), in, in_length);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> CheckKeyMode(const std::filesystem::path& key) {
  struct stat status {};
  if (::stat(key.c_str(), &status) != 0)
    return Fail(ErrorCode::kIo, key.string() + ": there is no such file");
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return Fail(ErrorCode::kInvalidArgument, key.string() + ": everybody may read this key");
  return {};
}

}  // namespace

Result<std::unique_ptr<TlsCertificates>> TlsCertificates::Load(CertificateFiles files) {
  std::unique_ptr<TlsCertificates> certificates(new TlsCertificates(std::move(files)));
  RETURN_IF_ERROR(certificates->Reload());
  return certificates;
}

TlsCertificates::Stamp TlsCertificates::StampOf() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(files_.certificate, ignored),
          std::filesystem::last_write_time(files_.key, ignored)};
}

Result<void> TlsCertificates::Reload() {
  const Stamp stamp = StampOf();
  RETURN_IF_ERROR(CheckKeyMode(files_.key));
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Freed> context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* ctx = context.get();
  CAIRN_CHECK(ctx != nullptr);
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                               SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  CAIRN_CHECK(SSL_CTX_set_cipher_list(ctx, kCiphers12) == 1);
  CAIRN_CHECK(SSL_CTX_set1_groups_list(ctx, kCurves) == 1);
  SSL_CTX_set_alpn_select_cb(ctx, ChooseProtocol, nullptr);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);  // tickets need no memory
  if (SSL_CTX_use_certificate_chain_file(ctx, files_.certificate.c_str()) != 1)
    return Refused(files_.certificate, "not a PEM certificate chain");
  if (SSL_CTX_use_PrivateKey_file(ctx, files_.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return Refused(files_.key, "not a PEM key of this certificate");
  if (SSL_CTX_check_private_key(ctx) != 1)
    return Refused(files_.key, "not the key of this certificate");
  const std::lock_guard lock(mu_);
  context_ = std::move(context);
  stamp_ = stamp;
  return {};
}

Result<bool> TlsCertificates::ReloadIfChanged() {
  {
    const Stamp now = StampOf();
    const std::lock_guard lock(mu_);
    if (now == stamp_) return false;
  }
  RETURN_IF_ERROR(Reload());
  return true;
}

TlsStream::Session TlsCertificates::NewSession() const {
  const std::lock_guard lock(mu_);
  return TlsStream::Session(SSL_new(context_.get()));
}

}  // namespace cairn::server
