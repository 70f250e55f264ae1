// The checks of server/doctor.h that need nothing but this machine.
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/quantity.h"
#include "conf/network.h"
#include "http/url.h"
#include "server/doctor.h"
#include "server/fault_level.h"

namespace cairn::server {
namespace {

constexpr std::int64_t kOldestClock = 1'735'689'600;  // 2025-01-01: this program is younger
constexpr std::int64_t kClockSlack = 120;             // seconds
constexpr int kSoonDays = 21;

// statfs(2): where syncs, locks or the store's assumptions do not hold.
struct FileSystemRow {
  std::uint64_t magic;
  std::string_view name;
};
constexpr std::array kNotLocal = {
    FileSystemRow{0x6969, "NFS"},
    FileSystemRow{0x517b, "SMB"},
    FileSystemRow{0xff534d42, "CIFS"},
    FileSystemRow{0xfe534d42, "SMB2"},
    FileSystemRow{0x65735546, "FUSE"},
    FileSystemRow{0x01021994, "tmpfs (memory)"},
    FileSystemRow{0x794c7630, "overlay (a container's own layer, gone with it)"}};

void Add(Findings& out, std::string_view check, Verdict verdict, std::string text) {
  out.push_back({std::string(check), verdict, std::move(text)});
}

struct FreeRead {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::unique_ptr<X509, FreeRead> ReadCertificate(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, FreeRead> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) return nullptr;
  return std::unique_ptr<X509, FreeRead>(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
}

bool IsFor(X509* certificate, const std::string& host) {
  if (conf::ParseIp(host)) return X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
  return X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
}

}  // namespace

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "good";
    case Verdict::kSkipped:
      return "skipped";
    case Verdict::kHint:
      return "hint";
    case Verdict::kProblem:
      return "problem";
  }
  return "";
}

void CheckSettings(const conf::Loaded& settings, Findings& out) {
  for (const std::string& warning : settings.warnings)
    Add(out, "settings", Verdict::kHint, warning);
  const std::string& url = settings.config.public_url;
  if (url.empty()) {
    Add(out, "settings", Verdict::kHint,
        "public_url is not set: absolute addresses begin with the first listener's, which clients "
        "elsewhere cannot reach. Set public_url to what people type into their clients.");
  } else if (url.starts_with("http://")) {
    Add(out, "settings", Verdict::kHint,
        "public_url is not https: passwords and files cross the network readable for everybody on "
        "the way. Use https, by tls.certificate or by a reverse proxy.");
  }
  if (settings.config.maintenance) {
    Add(out, "settings", Verdict::kHint,
        "The maintenance mode is on: every client is answered 503. End it with `cairn "
        "maintenance:mode --off`.");
  }
  if (out.empty()) Add(out, "settings", Verdict::kGood, "The settings are accepted.");
}

void CheckDataDirectory(const conf::Config& config, Findings& out) {
  const std::string path = config.data_dir.string();
  struct stat status {};
  struct statfs system {};
  if (::stat(path.c_str(), &status) != 0 || ::statfs(path.c_str(), &system) != 0)
    return Add(out, "data_dir", Verdict::kProblem, path + " cannot be looked at.");
  const std::size_t before = out.size();
  if ((status.st_mode & 077) != 0) {
    Add(out, "data_dir", Verdict::kProblem,
        path + " is open to other users of this machine: chmod 0700 " + path);
  }
  if (status.st_uid != ::geteuid()) {
    // Root may be anybody who asks without a server.
    Add(out, "data_dir", ::geteuid() == 0 ? Verdict::kHint : Verdict::kProblem,
        path + " belongs to user " + std::to_string(status.st_uid) + ", but Cairn runs as " +
            std::to_string(::geteuid()) + ": run it as that user, or chown -R the directory.");
  }
  for (const FileSystemRow& row : kNotLocal) {
    // The kernel's type is signed on some machines.
    if ((static_cast<std::uint64_t>(system.f_type) & 0xffffffffu) != row.magic) continue;
    Add(out, "data_dir", Verdict::kHint,
        path + " is on " + std::string(row.name) +
            ": what is answered as stored may be lost there. Use a local disk.");
  }
  if (out.size() == before) Add(out, "data_dir", Verdict::kGood, path + " is private and local.");
}

void CheckDisk(storage::Faults& faults, const conf::Config& config, Findings& out) {
  faults.Refresh();
  const std::uint64_t reserve = config.storage.reserve_bytes;
  const std::string space =
      SizeText(faults.free_bytes()) + " free, " + SizeText(reserve) + " of it kept as the reserve";
  switch (FaultLevelOf(faults)) {
    case FaultLevel::kBroken:
      return Add(out, "disk", Verdict::kProblem,
                 "The disk has failed while Cairn wrote to it. See the log; replace the disk.");
    case FaultLevel::kFull:
      return Add(out, "disk", Verdict::kProblem,
                 "The disk is full: every change is answered 507. Make room outside of Cairn.");
    case FaultLevel::kReserve:
      return Add(out, "disk", Verdict::kProblem,
                 "Uploads are answered 507: " + space + ". Make room or lower storage.reserve.");
    case FaultLevel::kNone:
      break;
  }
  const bool scarce = faults.free_bytes() < 4 * reserve;
  Add(out, "disk", scarce ? Verdict::kHint : Verdict::kGood,
      space + (scarce ? ": uploads will soon be answered 507." : "."));
}

void CheckCertificate(const conf::Config& config, Findings& out) {
  if (!conf::NeedsTls(config))
    return Add(out, "certificate", Verdict::kSkipped, "No listener speaks TLS.");
  const std::filesystem::path path =
      config.tls.self_signed ? config.data_dir / "tls" / "certificate.pem" : config.tls.certificate;
  const auto certificate = ReadCertificate(path);
  if (certificate == nullptr) {
    return Add(out, "certificate", Verdict::kProblem,
               path.string() + " holds no certificate that can be read (PEM).");
  }
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get()));
  const std::size_t before = out.size();
  if (days < 0 || seconds < 0) {
    Add(out, "certificate", Verdict::kProblem,
        path.string() + " has expired: renew it. It is taken up within a minute.");
  } else if (days < kSoonDays) {
    Add(out, "certificate", Verdict::kHint,
        path.string() + " expires in " + std::to_string(days) + " days: renew it.");
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    Add(out, "certificate", Verdict::kProblem,
        path.string() + " is not valid yet: is this machine's clock right?");
  }
  const std::string host = http::HostOfUrl(config.public_url);
  if (config.public_url.starts_with("https://") && !IsFor(certificate.get(), host)) {
    Add(out, "certificate", Verdict::kHint,
        path.string() + " is not for " + host + ", the host of public_url: good only if a proxy " +
            "with a certificate of its own stands in front.");
  }
  if (config.tls.self_signed) {
    Add(out, "certificate", Verdict::kHint,
        "The certificate is self-signed: every client asks its user whether to trust it.");
  }
  if (out.size() == before)
    Add(out, "certificate", Verdict::kGood, path.string() + " is valid and fits public_url.");
}

void CheckClock(const conf::Config& config, const Clock& clock, Findings& out) {
  const std::int64_t now = clock.NowSeconds();
  if (now < kOldestClock) {
    return Add(out, "clock", Verdict::kProblem,
               "The clock is years behind. Set it, and let it be kept right (systemd-timesyncd).");
  }
  struct stat status {};
  const std::string meta = (config.data_dir / "meta").string();
  if (::stat(meta.c_str(), &status) == 0 && status.st_mtim.tv_sec > now + kClockSlack) {
    return Add(out, "clock", Verdict::kProblem,
               "The metadata was written later than now: the clock has been set back. Files get "
               "wrong times, app passwords and locks end too late.");
  }
  Add(out, "clock", Verdict::kGood, "The clock is plausible.");
}

}  // namespace cairn::server
