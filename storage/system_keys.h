// What stands in Table::kSystem, by name.
#pragma once

#include <string_view>

namespace cairn::storage::keys {

constexpr std::string_view kFormat = "format";
constexpr std::string_view kFileIds = "counter/file";
constexpr std::string_view kSpaceIds = "counter/space";
constexpr std::string_view kUserIds = "counter/user";
constexpr std::string_view kOAuthClientIds = "counter/oauth-client";
constexpr std::string_view kShareIds = "counter/share";
constexpr std::string_view kTransferIds = "counter/transfer";
constexpr std::string_view kNotificationIds = "counter/notification";
constexpr std::string_view kSettingPrefix = "setting/";  // + key of a setting -> its value as text
constexpr std::string_view kTokenKey = "secret/token";  // 32 random bytes that key the token hashes

}  // namespace cairn::storage::keys
