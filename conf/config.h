// The settings of one server, with their defaults. A plain value: made by conf/load.h, then only
// read. conf/settings.cc has the rows that name, read, check and document each field.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/retention.h"
#include "conf/listen.h"
#include "conf/network.h"

namespace cairn::conf {

struct Tls {
  // A certificate of our own, made at the first start, in the data directory.
  bool self_signed = false;
  std::filesystem::path certificate;  // PEM: the server's certificate, then the chain
  std::filesystem::path key;          // PEM
  std::chrono::milliseconds hsts = std::chrono::days(180);  // 0 = the header is not sent
};

struct Limits {
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 1'000;  // an IPv6 /64 counts as one; 0 = no limit
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds body_timeout{60'000};  // without a byte, received or sent
  // How long running requests may go on once the server is told to stop.
  std::chrono::milliseconds stop_timeout{8'000};
};

// Threads per pool (base/offload.h). 0 = chosen from the number of processors.
struct PoolSizes {
  std::size_t io = 0;
  std::size_t read = 0;
  std::size_t write = 0;
  std::size_t data = 0;
  std::size_t slow = 0;
};

struct Storage {
  std::uint64_t block_cache_bytes = 64u << 20;
  std::uint64_t reserve_bytes = 256u << 20;
  std::size_t inline_limit = 16 * 1024;
  std::filesystem::path witness_path;
};

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kText, kJson };

struct Log {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  std::filesystem::path file;  // empty = standard error
  bool requests = true;        // a line per request
};

struct Metrics {
  std::vector<ListenAddress> listen;  // listeners of their own, without a login
  bool admin = false;                 // on the others too, for administrators
};

struct Trash {
  Retention retention;
};

struct Versions {
  Retention retention;
};

struct Quota {
  std::optional<std::uint64_t> default_bytes;  // of users without one of their own; nullopt = none
};

// Who is shown to people that look for others to share with.
enum class SearchScope {
  kAll,     // everybody
  kGroups,  // who is in a group with them; others by the whole name or address
  kExact,   // nobody but by the whole name or address
};

// Until when new shares of a kind hold, where whoever makes one does not say.
struct ShareExpiry {
  std::uint32_t days = 0;  // 0: for ever
  bool enforced = false;   // nobody may say a later day, or none; without days it means nothing
};

struct Sharing {
  SearchScope search = SearchScope::kAll;
  std::size_t min_search_length = 0;  // characters; shorter texts find nobody
  bool links = true;                  // public links may be made, and those that are there open
  bool link_uploads = true;           // new ones may let others write
  bool link_passwords_enforced = false;
  ShareExpiry link_expiry = {};
  ShareExpiry expiry = {};  // of shares with users and groups
};

struct Config {
  std::filesystem::path data_dir;
  std::vector<ListenAddress> listen = {{.host = "127.0.0.1", .port = 8080, .path = {}}};
  // What every absolute URL is built from, without a slash at its end; empty = the first listener.
  std::string public_url;
  std::vector<Network> trusted_proxies;
  std::string version_reported = "32.0.6.1";  // what clients take for the server's version
  bool maintenance = false;                   // everything but status.php is answered 503
  Tls tls;
  Limits limits;
  Log log;
  Metrics metrics;
  Storage storage;
  Trash trash;
  Versions versions;
  Quota quota;
  Sharing sharing;
  PoolSizes pools;
};

// Some listener speaks TLS.
bool NeedsTls(const Config& config);

// Checks what belongs together. kInvalidArgument with a message that begins with the setting's
// name.
Result<void> CheckTogether(const Config& config);

}  // namespace cairn::conf
