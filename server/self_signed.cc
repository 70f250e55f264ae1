// SelfSigned of server/tls_certificates.h.
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "server/tls_certificates.h"

namespace cairn::server {
namespace {

constexpr long kTenYears = 3650L * 24 * 60 * 60;
constexpr long kClockSkew = 24L * 60 * 60;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

bool IsAddress(const std::string& name) {
  std::array<unsigned char, 16> bytes;
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

std::string AlternativeNames(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text.append(text.empty() ? "" : ",").append(IsAddress(name) ? "IP:" : "DNS:").append(name);
  return text;
}

bool AddExtension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Owned<X509> MakeCertificate(EVP_PKEY* key, const std::vector<std::string>& names) {
  Owned<X509> certificate(X509_new());
  X509* x = certificate.get();
  std::array<unsigned char, 16> serial;
  if (x == nullptr || RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1)
    return nullptr;
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), BN_free);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x));
  X509_set_version(x, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(x), -kClockSkew);
  X509_gmtime_adj(X509_getm_notAfter(x), kTenYears);
  X509_set_pubkey(x, key);
  X509_NAME* subject = X509_get_subject_name(x);
  const std::string common = names.front().substr(0, 64);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, subject);
  const bool whole = AddExtension(x, NID_subject_alt_name, AlternativeNames(names)) &&
                     AddExtension(x, NID_basic_constraints, "critical,CA:FALSE") &&
                     AddExtension(x, NID_key_usage, "critical,digitalSignature") &&
                     AddExtension(x, NID_ext_key_usage, "serverAuth") &&
                     AddExtension(x, NID_subject_key_identifier, "hash");
  if (!whole || X509_sign(x, key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

// Under another name first: half a file is never taken for a certificate.
Result<void> WriteFile(const std::filesystem::path& path, auto write) {
  const std::filesystem::path aside = path.string() + ".new";
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Fail(ErrorCode::kIo, path.string() + ": cannot be written");
  const Owned<std::FILE> file(::fdopen(fd, "w"));
  if (!write(file.get()) || std::fflush(file.get()) != 0 || ::fsync(fd) != 0)
    return Fail(ErrorCode::kIo, path.string() + ": cannot be written");
  std::error_code error;
  std::filesystem::rename(aside, path, error);
  if (error) return Fail(ErrorCode::kIo, path.string() + ": " + error.message());
  return {};
}

}  // namespace

Result<CertificateFiles> SelfSigned(const std::filesystem::path& data_dir,
                                    const std::vector<std::string>& names) {
  const std::filesystem::path directory = data_dir / "tls";
  CertificateFiles files{directory / "certificate.pem", directory / "key.pem"};
  std::error_code error;
  if (std::filesystem::exists(files.certificate, error)) return files;
  std::filesystem::create_directory(directory, error);
  if (error) return Fail(ErrorCode::kIo, directory.string() + ": " + error.message());
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate = key ? MakeCertificate(key.get(), names) : nullptr;
  if (!certificate) return Fail(ErrorCode::kIo, "no certificate could be made");
  // The key first: with the certificate both are there.
  RETURN_IF_ERROR(WriteFile(files.key, [&](std::FILE* out) {
    return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  }));
  RETURN_IF_ERROR(WriteFile(files.certificate, [&](std::FILE* out) {
    return PEM_write_X509(out, certificate.get()) == 1;
  }));
  return files;
}

}  // namespace cairn::server
