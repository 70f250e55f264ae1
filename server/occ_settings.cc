#include "server/occ_settings.h"

#include <algorithm>
#include <array>

#include "conf/settings.h"

namespace cairn::server {

namespace {

// occ: 0 debug, 1 info, 2 warning, 3 error, 4 fatal.
constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warn", "error", "error"};

Result<std::string> LevelToOurs(std::string_view value) {
  if (value.size() == 1 && value[0] >= '0' && value[0] <= '4')
    return std::string(kLevels[static_cast<std::size_t>(value[0] - '0')]);
  return Fail(ErrorCode::kInvalidArgument, "is not a number from 0 (debug) to 4 (fatal)");
}

std::string LevelFromOurs(std::string_view value) {
  const auto* found = std::find(kLevels.begin(), kLevels.end(), value);
  return std::to_string(found - kLevels.begin());
}

Result<std::string> FlagToOurs(std::string_view value) {
  if (value == "true" || value == "1" || value == "yes") return std::string("true");
  if (value == "false" || value == "0" || value == "no") return std::string("false");
  return Fail(ErrorCode::kInvalidArgument, "is not true or false");
}

std::string FlagFromOurs(std::string_view value) { return value == "true" ? "yes" : "no"; }

constexpr std::array kTable = {
    OccSetting{"", "datadirectory", "data_dir"},
    OccSetting{"", "overwrite.cli.url", "public_url"},
    OccSetting{"", "trusted_proxies", "trusted_proxies"},
    OccSetting{"", "version", "version_reported"},
    OccSetting{"", "maintenance", "maintenance", FlagToOurs, nullptr},
    OccSetting{"", "loglevel", "log.level", LevelToOurs, LevelFromOurs},
    OccSetting{"", "logfile", "log.file"},
    OccSetting{"", "trashbin_retention_obligation", "trash.retention"},
    OccSetting{"", "versions_retention_obligation", "versions.retention"},
    OccSetting{"files", "default_quota", "quota.default"},
    OccSetting{"", "sharing.minSearchStringLength", "sharing.min_search_length"},
    OccSetting{"core", "shareapi_allow_links", "sharing.links", FlagToOurs, FlagFromOurs},
    OccSetting{"core", "shareapi_allow_public_upload", "sharing.link_uploads", FlagToOurs,
               FlagFromOurs},
    OccSetting{"core", "shareapi_enforce_links_password", "sharing.link_passwords_enforced",
               FlagToOurs, FlagFromOurs},
    OccSetting{"core", "shareapi_expire_after_n_days", "sharing.link_expire_days"},
    OccSetting{"core", "shareapi_enforce_expire_date", "sharing.link_expire_enforced", FlagToOurs,
               FlagFromOurs},
    OccSetting{"core", "shareapi_internal_expire_after_n_days", "sharing.expire_days"},
    OccSetting{"core", "shareapi_enforce_internal_expire_date", "sharing.expire_enforced",
               FlagToOurs, FlagFromOurs},
};

}  // namespace

std::span<const OccSetting> OccSettings() { return kTable; }

std::optional<OccSetting> FindOccSetting(std::string_view app, std::string_view name) {
  const auto* found = std::find_if(kTable.begin(), kTable.end(), [&](const OccSetting& row) {
    return row.app == app && row.name == name;
  });
  if (found != kTable.end()) return *found;
  const conf::Setting* own = app.empty() ? conf::FindSetting(name) : nullptr;
  if (own == nullptr) return std::nullopt;
  return OccSetting{"", own->key, own->key};
}

}  // namespace cairn::server
