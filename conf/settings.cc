#include "conf/settings.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "conf/setting_kinds.h"

namespace cairn::conf {

namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Result<void> CheckPublicUrl(std::string_view url) {
  if (url.empty()) return {};
  const Error refused = Expected(
      "https:// or http://, a host, maybe a port and a path, as https://cloud.example.org/files");
  const bool http = url.starts_with("http://");
  if (!http && !url.starts_with("https://")) return refused;
  const std::string_view rest = url.substr(http ? 7 : 8);
  const bool clean = std::all_of(rest.begin(), rest.end(), [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view("?#@\"<>\\").find(c) == std::string_view::npos;
  });
  if (!clean || rest.empty() || rest.front() == '/' || rest.back() == '/') return refused;
  return {};
}

Result<void> CheckVersion(std::string_view version) {
  constexpr int kParts = 4;
  int parts = 0;
  for (bool more = true; more && parts <= kParts; ++parts) {
    const std::size_t dot = version.find('.');
    if (!ParseUint(version.substr(0, dot))) break;
    more = dot != std::string_view::npos;
    version = more ? version.substr(dot + 1) : std::string_view();
    if (!more && parts + 1 == kParts) return {};
  }
  return Expected("four numbers, as 32.0.6.1");
}

// The sockets of systemd all belong to `listen`.
Result<ListenAddress> ParseMetricsListen(std::string_view text) {
  ASSIGN_OR_RETURN(ListenAddress address, ParseListen(text));
  if (address.kind == ListenAddress::Kind::kSystemd)
    return Expected("an address and port, or unix:/path");
  return address;
}

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {
    {{"debug", LogLevel::kDebug},
     {"info", LogLevel::kInfo},
     {"warn", LogLevel::kWarn},
     {"error", LogLevel::kError}}};
constexpr std::array<std::pair<std::string_view, LogFormat>, 2> kFormats = {
    {{"text", LogFormat::kText}, {"json", LogFormat::kJson}}};

constexpr std::array<std::pair<std::string_view, SearchScope>, 3> kSearchScopes = {
    {{"all", SearchScope::kAll}, {"groups", SearchScope::kGroups}, {"exact", SearchScope::kExact}}};

constexpr std::uint64_t kMaxThreads = 1024;
constexpr std::uint64_t kMaxExpireDays = 36'500;

SettingText PoolText(std::string key, std::string what) {
  return {.key = "pools." + std::move(key),
          .doc = "Threads that " + std::move(what) + "; 0: chosen from the number of processors.",
          .good = "3",
          .bad = "2000"};
}

// Order is that of the example file. Keys of one map stand together.
std::vector<Setting> MakeSettings() {
  return {
      PathSetting(
          {.key = "data_dir",
           .doc = "Where everything is kept. One server per directory, on a local disk.",
           .good = "/srv/cairn",
           .bad = "srv/cairn"},
          [](auto& c) -> auto& { return c.data_dir; }),
      ListSetting(
          {.key = "listen",
           .doc = "Where connections are accepted: address:port, https://address:port, "
                  "unix:/path,\nsystemd or systemd+tls (sockets handed over by systemd).",
           .good = "http://127.0.0.1:8081, unix:/run/cairn/http.sock",
           .bad = "8080"},
          false, ParseListen, ListenText, [](auto& c) -> auto& { return c.listen; }),
      TextSetting(
          {.key = "public_url",
           .doc = "What people type into their clients. A path makes Cairn serve below it "
                  "(https://example.org/nextcloud).\nEmpty: the first address of `listen`; where "
                  "that is every address of the "
                  "machine, what each\nclient has addressed.",
           .good = "https://cloud.example.org/nextcloud",
           .bad = "cloud.example.org",
           .by_command = true},
          CheckPublicUrl, [](auto& c) -> auto& { return c.public_url; }),
      ListSetting(
          {.key = "trusted_proxies",
           .doc = "Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are "
                  "believed: addresses or ranges.",
           .good = "127.0.0.1, 10.0.0.0/8, fd00::/8",
           .bad = "10.0.0.1/8",
           .live = true,
           .by_command = true},
          true, ParseNetwork, NetworkText, [](auto& c) -> auto& { return c.trusted_proxies; }),
      TextSetting(
          {.key = "version_reported",
           .doc = "The server version that clients are told. They choose features by it.",
           .good = "31.0.9.1",
           .bad = "32.0.6",
           .by_command = true},
          CheckVersion, [](auto& c) -> auto& { return c.version_reported; }),

      FlagSetting(
          {.key = "maintenance",
           .doc = "Answer 503 to everything but status.php (`cairn maintenance:mode`).",
           .good = "true",
           .bad = "on",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.maintenance; }),

      FlagSetting(
          {.key = "tls.self_signed",
           .doc = "Make a certificate at the first start and keep it in the data "
                  "directory. `tls: self-signed` says the same.",
           .good = "true",
           .bad = "maybe"},
          [](auto& c) -> auto& { return c.tls.self_signed; }),
      PathSetting(
          {.key = "tls.certificate",
           .doc = "PEM file: the server's certificate, then the chain. Read again when it "
                  "changes.",
           .good = "/etc/cairn/fullchain.pem",
           .bad = "fullchain.pem"},
          [](auto& c) -> auto& { return c.tls.certificate; }),
      PathSetting(
          {.key = "tls.key",
           .doc = "PEM file: its key. Must not be readable by everybody.",
           .good = "/etc/cairn/key.pem",
           .bad = "key.pem"},
          [](auto& c) -> auto& { return c.tls.key; }),
      DurationSetting(
          {.key = "tls.hsts",
           .doc = "How long browsers shall insist on https (Strict-Transport-Security);"
                  " 0 s: not told. Never\nsent with a self-signed certificate.",
           .good = "1 h",
           .bad = "a while",
           .live = true,
           .by_command = true},
          milliseconds(0), days(3650), [](auto& c) -> auto& { return c.tls.hsts; }),

      NumberSetting(
          {.key = "limits.connections",
           .doc = "Connections at a time; further ones wait.",
           .good = "500",
           .bad = "none"},
          1, 1'000'000, [](auto& c) -> auto& { return c.limits.connections; }),
      NumberSetting(
          {.key = "limits.connections_per_address",
           .doc = "Connections at a time from one address (IPv6: from one /64); 0: no "
                  "limit. Trusted proxies have none.",
           .good = "64",
           .bad = "-1"},
          0, 1'000'000, [](auto& c) -> auto& { return c.limits.connections_per_address; }),
      DurationSetting(
          {.key = "limits.head_timeout",
           .doc = "For a whole request head, from its first byte.",
           .good = "5 s",
           .bad = "0 s"},
          milliseconds(100), minutes(10), [](auto& c) -> auto& { return c.limits.head_timeout; }),
      DurationSetting(
          {.key = "limits.idle_timeout",
           .doc = "Between two requests of a connection.",
           .good = "30 s",
           .bad = "-1 s"},
          milliseconds(100), minutes(60), [](auto& c) -> auto& { return c.limits.idle_timeout; }),
      DurationSetting(
          {.key = "limits.body_timeout",
           .doc = "Without a single byte, while a body is received or sent.",
           .good = "2 min",
           .bad = "forever"},
          milliseconds(100), minutes(60), [](auto& c) -> auto& { return c.limits.body_timeout; }),
      DurationSetting(
          {.key = "limits.stop_timeout",
           .doc = "How long running requests may go on once the server is told to stop.",
           .good = "3 s",
           .bad = "60 s"},
          milliseconds(0), seconds(8), [](auto& c) -> auto& { return c.limits.stop_timeout; }),

      ChoiceSetting(
          {.key = "log.level",
           .doc = "debug, info, warn or error.",
           .good = "debug",
           .bad = "loud",
           .live = true,
           .by_command = true},
          kLevels, [](auto& c) -> auto& { return c.log.level; }),
      ChoiceSetting(
          {.key = "log.format",
           .doc = "text, or json: an object per line.",
           .good = "json",
           .bad = "xml",
           .live = true,
           .by_command = true},
          kFormats, [](auto& c) -> auto& { return c.log.format; }),
      PathSetting(
          {.key = "log.file",
           .doc = "Where to write the log; empty: standard error. Opened again at SIGHUP, "
                  "for logrotate.",
           .good = "/var/log/cairn/cairn.log",
           .bad = "cairn.log",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.log.file; }),
      FlagSetting(
          {.key = "log.requests",
           .doc = "Write a line for each request.",
           .good = "false",
           .bad = "no",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.log.requests; }),

      ListSetting(
          {.key = "metrics.listen",
           .doc = "Where /metrics (Prometheus), /healthz and /readyz are answered to whoever can "
                  "connect, without a login:\nas `listen`, but not systemd. Empty: nowhere.",
           .good = "http://127.0.0.1:9464",
           .bad = "systemd"},
          true, ParseMetricsListen, ListenText, [](auto& c) -> auto& { return c.metrics.listen; }),
      FlagSetting(
          {.key = "metrics.admin",
           .doc = "Answer /metrics on the other listeners too, to administrators.",
           .good = "true",
           .bad = "yes",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.metrics.admin; }),

      SizeSetting(
          {.key = "storage.block_cache",
           .doc = "Memory for the metadata's cache.",
           .good = "1 GB",
           .bad = "1 KB"},
          1 << 20, std::uint64_t{1} << 40,
          [](auto& c) -> auto& { return c.storage.block_cache_bytes; }),
      SizeSetting(
          {.key = "storage.reserve",
           .doc = "Disk space that uploads never take: below it they are answered 507.",
           .good = "10 GB",
           .bad = "none"},
          0, std::uint64_t{1} << 50, [](auto& c) -> auto& { return c.storage.reserve_bytes; }),
      SizeSetting(
          {.key = "storage.inline_limit",
           .doc = "Files up to this size are kept with the metadata.",
           .good = "4 KB",
           .bad = "1 GB"},
          0, 64 << 10, [](auto& c) -> auto& { return c.storage.inline_limit; }),
      PathSetting(
          {.key = "storage.witness_path",
           .doc = "A file on another disk that remembers how far the metadata was, to "
                  "notice an old copy put back.",
           .good = "/mnt/other/cairn.witness",
           .bad = "cairn.witness"},
          [](auto& c) -> auto& { return c.storage.witness_path; }),

      RetentionSetting(
          {.key = "trash.retention",
           .doc = "How long deleted files are kept, D in days: auto (30 days, less when space is "
                  "needed); D, auto\n(at least D days, then until space is needed); auto, D (at "
                  "most D days, less when space is needed);\nD1, D2 (at least D1 days, at most D2, "
                  "never less for space); disabled (for good).",
           .good = "30, 90",
           .bad = "30",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.trash.retention; }),

      RetentionSetting(
          {.key = "versions.retention",
           .doc = "The same for old versions of files. What says auto also lets them be thinned: "
                  "the older, the fewer.",
           .good = "auto, 365",
           .bad = "90, 30",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.versions.retention; }),

      OptionalSizeSetting(
          {.key = "quota.default",
           .doc =
               "What users without a quota of their own may store: a size, or none for no limit.",
           .good = "5 GB",
           .bad = "-1",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.quota.default_bytes; }),

      ChoiceSetting(
          {.key = "sharing.search",
           .doc = "Who is shown to people that look for others to share with or to mention: all "
                  "(everybody),\ngroups (who is in a group with them), exact (nobody). A whole "
                  "name or e-mail address is found with each.",
           .good = "groups",
           .bad = "some",
           .live = true,
           .by_command = true},
          kSearchScopes, [](auto& c) -> auto& { return c.sharing.search; }),
      NumberSetting(
          {.key = "sharing.min_search_length",
           .doc = "How many characters a search for others needs; shorter ones find nobody.",
           .good = "3",
           .bad = "11",
           .live = true,
           .by_command = true},
          0, 10, [](auto& c) -> auto& { return c.sharing.min_search_length; }),
      FlagSetting(
          {.key = "sharing.links",
           .doc = "Whether there are public links: off, none can be made and none opens.",
           .good = "false",
           .bad = "maybe",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.sharing.links; }),
      FlagSetting(
          {.key = "sharing.link_uploads",
           .doc = "Whether new public links may let others write.",
           .good = "false",
           .bad = "maybe",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.sharing.link_uploads; }),
      FlagSetting(
          {.key = "sharing.link_passwords_enforced",
           .doc = "Whether a new public link needs a password, and none loses the one it has.",
           .good = "true",
           .bad = "maybe",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.sharing.link_passwords_enforced; }),
      NumberSetting(
          {.key = "sharing.link_expire_days",
           .doc = "How many days a new public link holds that is made without a date; 0: for ever.",
           .good = "7",
           .bad = "-1",
           .live = true,
           .by_command = true},
          0, kMaxExpireDays, [](auto& c) -> auto& { return c.sharing.link_expiry.days; }),
      FlagSetting(
          {.key = "sharing.link_expire_enforced",
           .doc = "Whether that many days are the most: no later date, and none without one.",
           .good = "true",
           .bad = "maybe",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.sharing.link_expiry.enforced; }),
      NumberSetting(
          {.key = "sharing.expire_days",
           .doc = "The same for shares with users and groups.",
           .good = "7",
           .bad = "-1",
           .live = true,
           .by_command = true},
          0, kMaxExpireDays, [](auto& c) -> auto& { return c.sharing.expiry.days; }),
      FlagSetting(
          {.key = "sharing.expire_enforced",
           .doc = "The same for shares with users and groups.",
           .good = "true",
           .bad = "maybe",
           .live = true,
           .by_command = true},
          [](auto& c) -> auto& { return c.sharing.expiry.enforced; }),

      NumberSetting(
          PoolText("io", "serve connections"), 0, kMaxThreads,
          [](auto& c) -> auto& { return c.pools.io; }),
      NumberSetting(
          PoolText("read", "read metadata"), 0, kMaxThreads,
          [](auto& c) -> auto& { return c.pools.read; }),
      NumberSetting(
          PoolText("write", "write metadata"), 0, kMaxThreads,
          [](auto& c) -> auto& { return c.pools.write; }),
      NumberSetting(
          PoolText("data", "read and write file contents"), 0, kMaxThreads,
          [](auto& c) -> auto& { return c.pools.data; }),
      NumberSetting(
          PoolText("slow", "do what takes long (password hashes, big copies)"), 0, kMaxThreads,
          [](auto& c) -> auto& { return c.pools.slow; }),
  };
}

const std::vector<Setting>& Table() {
  static const std::vector<Setting> table = MakeSettings();
  return table;
}

// Levenshtein's distance.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

std::string_view LastPart(std::string_view key) { return key.substr(key.rfind('.') + 1); }

void AppendComment(std::string& out, std::string_view indent, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.append(indent).append("# ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string YamlValue(const Setting& row, const Config& config) {
  const std::string value = row.get(config);
  if (row.is_list) return "[" + value + "]";
  return value.empty() ? "\"\"" : value;
}

}  // namespace

std::string Setting::EnvName() const {
  std::string name = "CAIRN_" + key;
  for (char& c : name) c = c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 32) : c;
  return name;
}

std::span<const Setting> Settings() { return Table(); }

const Setting* FindSetting(std::string_view key) {
  const auto& table = Table();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Setting& row) { return row.key == key; });
  return found == table.end() ? nullptr : &*found;
}

std::string NearestKey(std::string_view key) {
  constexpr std::size_t kLongestKey = 64;
  if (key.empty() || key.size() > kLongestKey) return {};
  const Setting* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, key.size() / 4) + 1;
  for (const Setting& row : Table()) {
    // A key in the wrong map is meant as often as a misspelt one.
    const std::size_t distance =
        std::min(Distance(key, row.key), Distance(LastPart(key), LastPart(row.key)) + 1);
    if (distance < least) {
      least = distance;
      nearest = &row;
    }
  }
  return nearest == nullptr ? std::string() : nearest->key;
}

std::string ExampleYaml() {
  Config config;
  config.data_dir = "/var/lib/cairn";
  std::string out =
      "# The settings of Cairn with their defaults. Every key can be left out. The variable named "
      "behind a key comes before\n# the file. Keys marked \"live\" are taken up at SIGHUP, the "
      "others at the next start.\n# `cairn config:system:set` changes those marked \"command\"; "
      "such "
      "values come after the file, before variables.\n";
  std::string map;
  for (const Setting& row : Table()) {
    const std::size_t dot = std::min(row.key.find('.'), row.key.size());
    const std::string in = dot == row.key.size() ? "" : row.key.substr(0, dot);
    out += "\n";
    if (in != map && !in.empty()) out.append(in).append(":\n");
    map = in;
    const std::string_view indent = in.empty() ? "" : "  ";
    AppendComment(out, indent, row.doc);
    AppendComment(out, indent,
                  row.EnvName() + (row.live ? ", live" : "") + (row.by_command ? ", command" : ""));
    out.append(indent).append(LastPart(row.key)).append(": ").append(YamlValue(row, config));
    out += "\n";
  }
  return out;
}

}  // namespace cairn::conf
