#include "dav/property_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "dav/permission_letters.h"
#include "dav/xml_writer.h"
#include "http/content_type.h"
#include "http/date.h"

namespace cairn::dav {
namespace {

constexpr std::string_view kShareNs = "http://open-collaboration-services.org/ns";
constexpr std::string_view kCloudMeshNs = "http://open-cloud-mesh.org/ns";
constexpr std::string_view kTokenScheme = "opaquelocktoken:";

void AppendNumber(std::string& out, auto number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendHex64(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(value >> shift) & 15];
}

// The home root shows the right to delete although nobody may: clients take a root without it for
// read-only.
storage::Permissions Shown(const PropContext& c) {
  if (!c.home_root || c.permissions == 0) return c.permissions;
  return c.permissions | static_cast<storage::Permissions>(storage::Permission::kDelete);
}

// ---- contents of the elements

bool Empty(std::string&, const PropContext&) { return true; }
bool Missing(std::string&, const PropContext&) { return false; }
bool Zero(std::string& out, const PropContext&) {
  out += '0';
  return true;
}
bool False(std::string& out, const PropContext&) {
  out += "false";
  return true;
}

bool LastModified(std::string& out, const PropContext& c) {
  const std::int64_t seconds = std::max<std::int64_t>(1, c.entry.node.mtime());
  if (seconds != c.scope.date_seconds) {
    c.scope.date_seconds = seconds;
    c.scope.date_text = http::HttpDate(seconds);
  }
  out += c.scope.date_text;
  return true;
}
bool ContentLength(std::string& out, const PropContext& c) {
  AppendNumber(out, c.entry.node.size());
  return true;
}
bool ResourceType(std::string& out, const PropContext& c) {
  if (c.entry.is_collection()) out += "<d:collection/>";
  return true;
}
bool Size(std::string& out, const PropContext& c) {
  AppendNumber(out, c.size);
  return true;
}
bool QuotaAvailable(std::string& out, const PropContext& c) {
  AppendNumber(out, c.scope.quota_available);
  return true;
}
bool Etag(std::string& out, const PropContext& c) {
  out += "&quot;";
  AppendHex64(out, c.etag.start);
  AppendHex64(out, c.etag.count);
  out += "&quot;";
  return true;
}
bool ContentType(std::string& out, const PropContext& c) {
  AppendEscaped(out, http::ContentTypeOf(c.name));
  return true;
}
bool DisplayName(std::string& out, const PropContext& c) {
  AppendEscaped(out, c.home_root ? c.scope.principal.caller.user_name : c.name);
  return true;
}
bool CreationDate(std::string& out, const PropContext& c) {
  out += http::IsoDateWithOffset(c.entry.node.created());
  return true;
}
bool SupportedLock(std::string& out, const PropContext&) {
  for (const std::string_view scope : {"exclusive", "shared"}) {
    out.append("<d:lockentry><d:lockscope><d:").append(scope);
    out += "/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>";
  }
  return true;
}
bool LockDiscovery(std::string& out, const PropContext& c) {
  for (const ShownLock& lock : c.locks)
    AppendActiveLock(out, lock, c.scope.principal.caller.lock_user(), c.scope.now);
  return true;
}
bool SupportedReports(std::string& out, const PropContext&) {
  for (const std::string_view report : {"d:expand-property", "oc:filter-files"}) {
    out.append("<d:supported-report><d:report><").append(report);
    out += "/></d:report></d:supported-report>";
  }
  return true;
}
bool SupportedMethods(std::string& out, const PropContext&) {
  for (const std::string_view method : {"OPTIONS", "GET", "HEAD", "DELETE", "PROPFIND", "PUT",
                                        "PROPPATCH", "COPY", "MOVE", "REPORT", "LOCK", "UNLOCK"}) {
    out.append("<d:supported-method name=\"").append(method).append("\"/>");
  }
  return true;
}

bool OcId(std::string& out, const PropContext& c) {
  const auto before = out.size();
  AppendNumber(out, Raw(c.entry.id()));
  if (const auto digits = out.size() - before; digits < 8) out.insert(before, 8 - digits, '0');
  out += c.scope.engine.identity().instance_id;
  return true;
}
bool FileIdNumber(std::string& out, const PropContext& c) {
  AppendNumber(out, Raw(c.entry.id()));
  return true;
}
bool PermissionsText(std::string& out, const PropContext& c) {
  out += PermissionLetters(Shown(c), c.entry.is_collection(), c.belonging);
  return true;
}
bool Checksums(std::string& out, const PropContext& c) {
  std::string_view rest = c.entry.node.checksums();
  // They tell what the bytes are.
  if (rest.empty() || (c.permissions & storage::kWithheld) != 0) return false;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    out += "<oc:checksum>";
    AppendEscaped(out, rest.substr(0, end));
    out += "</oc:checksum>";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}
bool Favorite(std::string& out, const PropContext& c) {
  out += c.favorite ? '1' : '0';
  return true;
}
bool Tags(std::string& out, const PropContext& c) {
  for (const storage::StoredProperty& property : c.dead) {
    if (property.name.ns == kOcNs && property.name.name == "tags") out += property.value.value();
  }
  return true;
}
bool OwnerId(std::string& out, const PropContext& c) {
  AppendEscaped(out, c.shared != nullptr ? c.shared->owner_id : c.scope.principal.caller.user_name);
  return true;
}
bool OwnerName(std::string& out, const PropContext& c) {
  AppendEscaped(out, c.shared != nullptr ? c.shared->owner_name : c.scope.principal.display_name);
  return true;
}
bool ShareTypes(std::string& out, const PropContext& c) {
  std::set<std::uint32_t> types;
  for (const Sharee& sharee : c.sharees) types.insert(sharee.type);
  for (const std::uint32_t type : types) {
    out += "<oc:share-type>";
    AppendNumber(out, type);
    out += "</oc:share-type>";
  }
  return true;
}
bool Sharees(std::string& out, const PropContext& c) {
  for (const Sharee& sharee : c.sharees) {
    out += "<nc:sharee><nc:id>";
    AppendEscaped(out, sharee.id);
    out += "</nc:id><nc:display-name>";
    AppendEscaped(out, sharee.display_name);
    out += "</nc:display-name><nc:type>";
    AppendNumber(out, sharee.type);
    out += "</nc:type></nc:sharee>";
  }
  return true;
}
bool MountType(std::string& out, const PropContext& c) {
  if (c.shared != nullptr && !c.scope.by_link) out += "shared";
  return true;
}
bool IsMountRoot(std::string& out, const PropContext& c) {
  out += c.belonging == Belonging::kMount ? "true" : "false";
  return true;
}
bool Note(std::string& out, const PropContext& c) {
  if (c.shared == nullptr) return false;
  AppendEscaped(out, c.shared->note);
  return true;
}
bool HideDownload(std::string& out, const PropContext& c) {
  if (c.shared == nullptr) return false;
  out += c.shared->hide_download ? "true" : "false";
  return true;
}
bool DataFingerprint(std::string& out, const PropContext& c) {
  AppendEscaped(out, c.scope.engine.identity().data_fingerprint);
  return true;
}
bool ShareAttributes(std::string& out, const PropContext& c) {
  if (c.shared == nullptr || c.shared->attributes.empty()) {
    out += "[]";
  } else {
    AppendEscaped(out, c.shared->attributes);
  }
  return true;
}
bool CreationTime(std::string& out, const PropContext& c) {
  AppendNumber(out, c.entry.node.created());
  return true;
}
bool UploadTime(std::string& out, const PropContext& c) {
  AppendNumber(out, c.entry.node.uploaded());
  return true;
}
bool LastActivity(std::string& out, const PropContext& c) {
  const storage::Node& node = c.entry.node;
  AppendNumber(out, std::max({node.mtime(), node.uploaded(), node.created()}));
  return true;
}
bool FolderCount(std::string& out, const PropContext& c) {
  AppendNumber(out, c.entry.node.direct_folders());
  return true;
}
bool FileCount(std::string& out, const PropContext& c) {
  AppendNumber(out, c.entry.node.direct_files());
  return true;
}

// A file can neither have members nor be deleted from within: its mask is without create and
// delete.
bool ShareMask(std::string& out, const PropContext& c) {
  AppendNumber(out, Shown(c) & (c.entry.is_collection() ? 31u : 19u));
  return true;
}
bool CloudMeshMask(std::string& out, const PropContext& c) {
  using storage::Permission;
  const storage::Permissions mask = Shown(c) & (c.entry.is_collection() ? 31u : 19u);
  out += '[';
  std::string_view comma;
  const auto add = [&](bool granted, std::string_view word) {
    if (!granted) return;
    out.append(comma).append("&quot;").append(word).append("&quot;");
    comma = ",";
  };
  add(storage::Allows(mask, Permission::kShare), "share");
  add(storage::Allows(mask, Permission::kRead), "read");
  add(storage::Allows(mask, Permission::kUpdate) || storage::Allows(mask, Permission::kCreate),
      "write");
  out += ']';
  return true;
}

// ---- nc:lock and its details speak of the first lock that covers the resource

bool LockState(std::string& out, const PropContext& c) {
  if (!c.locks.empty()) {
    out += '1';
    return true;
  }
  return !c.listed_folder;  // recorded: none for a collection that is being listed
}
bool LockOwnerType(std::string& out, const PropContext& c) {
  if (c.locks.empty()) return false;
  AppendNumber(out, c.locks.front().held.lock.type());
  return true;
}
bool LockOwner(std::string& out, const PropContext& c) {
  if (c.locks.empty() ||
      c.locks.front().held.lock.user() != Raw(c.scope.principal.caller.lock_user()))
    return false;
  AppendEscaped(out, c.scope.principal.caller.user_name);
  return true;
}
bool LockOwnerName(std::string& out, const PropContext& c) {
  if (c.locks.empty()) return false;
  AppendEscaped(out, c.locks.front().held.lock.owner_name());
  return true;
}
bool LockTime(std::string& out, const PropContext& c) {
  if (c.locks.empty()) return false;
  AppendNumber(out, c.locks.front().held.lock.created());
  return true;
}
bool LockTimeoutSeconds(std::string& out, const PropContext& c) {
  if (c.locks.empty()) return false;
  AppendNumber(out, c.locks.front().held.lock.timeout());
  return true;
}
bool LockToken(std::string& out, const PropContext& c) {
  if (c.locks.empty()) return false;
  const storage::Lock& lock = c.locks.front().held.lock;
  if (lock.user() != Raw(c.scope.principal.caller.lock_user())) return false;  // T-36
  std::string_view token = lock.token();
  if (token.starts_with(kTokenScheme)) token.remove_prefix(kTokenScheme.size());
  AppendEscaped(out, token);
  return true;
}

constexpr auto kText = Form::kText;
constexpr auto kElements = Form::kElements;
constexpr auto kProtected = PatchRule::kProtected;
constexpr auto kNo = kNeedsNothing;

constexpr std::array kRows{
    // allprop, in the recorded order
    PropertyRow{kDavNs, "getlastmodified", kAlways, kText, kNo, true, kProtected, LastModified},
    PropertyRow{kDavNs, "getcontentlength", kFiles, kText, kNo, true, kProtected, ContentLength},
    PropertyRow{kDavNs, "resourcetype", kAlways, kElements, kNo, true, kProtected, ResourceType},
    PropertyRow{kDavNs, "quota-used-bytes", kFolders, kText, kNo, true, kProtected, Size},
    PropertyRow{kDavNs, "quota-available-bytes", kFolders, kText, kNeedsQuota, true, kProtected,
                QuotaAvailable},
    PropertyRow{kDavNs, "getetag", kAlways, kText, kNo, true, kProtected, Etag},
    PropertyRow{kDavNs, "getcontenttype", kFiles, kText, kNo, true, kProtected, ContentType},

    PropertyRow{kDavNs, "displayname", kAlways, kText, kNo, false, kProtected, DisplayName},
    PropertyRow{kDavNs, "creationdate", kAlways, kText, kNo, false, PatchRule::kCreationDate,
                CreationDate},
    PropertyRow{kDavNs, "supportedlock", kAlways, kElements, kNo, false, kProtected, SupportedLock},
    PropertyRow{kDavNs, "lockdiscovery", kAlways, kElements, kNeedsLocks, false, kProtected,
                LockDiscovery},
    PropertyRow{kDavNs, "supported-report-set", kAlways, kElements, kNo, false, kProtected,
                SupportedReports},
    PropertyRow{kDavNs, "supported-method-set", kAlways, kElements, kNo, false, kProtected,
                SupportedMethods},
    PropertyRow{kDavNs, "lastmodified", kNever, kText, kNo, false, PatchRule::kMtime, Missing},

    PropertyRow{kOcNs, "id", kAlways, kText, kNo, false, kProtected, OcId},
    PropertyRow{kOcNs, "fileid", kAlways, kText, kNo, false, kProtected, FileIdNumber},
    PropertyRow{kOcNs, "permissions", kAlways, kText, kNo, false, kProtected, PermissionsText},
    PropertyRow{kOcNs, "size", kAlways, kText, kNo, false, kProtected, Size},
    PropertyRow{kOcNs, "checksums", kFiles, kElements, kNo, false, kProtected, Checksums},
    PropertyRow{kOcNs, "downloadURL", kFiles, kText, kNo, false, kProtected, Empty},
    PropertyRow{kOcNs, "favorite", kAlwaysToUsers, kText, kNeedsFavorites, false,
                PatchRule::kFavorite, Favorite},
    PropertyRow{kOcNs, "tags", kAlwaysToUsers, kElements, kNeedsDead, false, PatchRule::kStored,
                Tags},
    PropertyRow{kOcNs, "comments-count", kAlwaysToUsers, kText, kNo, false, kProtected, Zero},
    PropertyRow{kOcNs, "comments-unread", kAlwaysToUsers, kText, kNo, false, kProtected, Zero},
    PropertyRow{kOcNs, "owner-id", kAlways, kText, kNo, false, kProtected, OwnerId},
    PropertyRow{kOcNs, "owner-display-name", kAlwaysToUsers, kText, kNo, false, kProtected,
                OwnerName},
    PropertyRow{kOcNs, "share-types", kAlwaysToUsers, kElements, kNeedsShares, false, kProtected,
                ShareTypes},
    PropertyRow{kOcNs, "data-fingerprint", kAlways, kText, kNo, false, kProtected, DataFingerprint},

    PropertyRow{kNcNs, "sharees", kAlwaysToUsers, kElements, kNeedsShares, false, kProtected,
                Sharees},
    PropertyRow{kNcNs, "share-attributes", kAlways, kText, kNo, false, kProtected, ShareAttributes},
    PropertyRow{kNcNs, "has-preview", kAlways, kText, kNo, false, kProtected, False},
    PropertyRow{kNcNs, "mount-type", kAlways, kText, kNo, false, kProtected, MountType},
    PropertyRow{kNcNs, "is-mount-root", kAlways, kText, kNo, false, kProtected, IsMountRoot},
    PropertyRow{kNcNs, "is-federated", kAlways, kText, kNo, false, kProtected, Empty},
    PropertyRow{kNcNs, "creation_time", kAlways, kText, kNo, false, PatchRule::kCreated,
                CreationTime},
    PropertyRow{kNcNs, "upload_time", kFiles, kText, kNo, false, PatchRule::kUploaded, UploadTime},
    PropertyRow{kNcNs, "last_activity", kAlways, kText, kNo, false, kProtected, LastActivity},
    PropertyRow{kNcNs, "hidden", kAlways, kText, kNo, false, kProtected, False},
    PropertyRow{kNcNs, "contained-folder-count", kFolders, kText, kNo, false, kProtected,
                FolderCount},
    PropertyRow{kNcNs, "contained-file-count", kFolders, kText, kNo, false, kProtected, FileCount},
    PropertyRow{kNcNs, "system-tags", kAlways, kElements, kNo, false, kProtected, Empty},
    PropertyRow{kNcNs, "reminder-due-date", kAlways, kText, kNo, false, kProtected, Empty},
    PropertyRow{kNcNs, "share-download-limits", kFiles, kElements, kNo, false, kProtected, Empty},
    PropertyRow{kNcNs, "download-url-expiration", kFiles, kText, kNo, false, kProtected, Empty},

    PropertyRow{kNcNs, "lock", kAlways, kText, kNeedsLocks, false, kProtected, LockState},
    PropertyRow{kNcNs, "lock-owner-type", kAlwaysToUsers, kText, kNeedsLocks, false, kProtected,
                LockOwnerType},
    PropertyRow{kNcNs, "lock-owner", kAlwaysToUsers, kText, kNeedsLocks, false, kProtected,
                LockOwner},
    PropertyRow{kNcNs, "lock-owner-displayname", kAlwaysToUsers, kText, kNeedsLocks, false,
                kProtected, LockOwnerName},
    PropertyRow{kNcNs, "lock-time", kAlways, kText, kNeedsLocks, false, kProtected, LockTime},
    PropertyRow{kNcNs, "lock-timeout", kAlways, kText, kNeedsLocks, false, kProtected,
                LockTimeoutSeconds},
    PropertyRow{kNcNs, "lock-token", kAlwaysToUsers, kText, kNeedsLocks, false, kProtected,
                LockToken},

    PropertyRow{kShareNs, "share-permissions", kAlways, kText, kNo, false, kProtected, ShareMask},
    PropertyRow{kCloudMeshNs, "share-permissions", kAlways, kText, kNo, false, kProtected,
                CloudMeshMask},

    // Names that clients trust as the server's word: never stored as dead properties.
    PropertyRow{kDavNs, "owner", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kDavNs, "current-user-principal", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kDavNs, "current-user-privilege-set", kNever, kText, kNo, false, kProtected,
                Missing},
    PropertyRow{kDavNs, "sync-token", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kOcNs, "dDC", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kOcNs, "privatelink", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kOcNs, "comments-href", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "is-encrypted", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "note", kAlways, kText, kNo, false, kProtected, Note},
    PropertyRow{kNcNs, "hide-download", kAlways, kText, kNo, false, kProtected, HideDownload},
    PropertyRow{kNcNs, "lock-owner-editor", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "acl-enabled", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "acl-can-manage", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "acl-list", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "inherited-acl-list", kNever, kText, kNo, false, kProtected, Missing},
    PropertyRow{kNcNs, "group-folder-id", kNever, kText, kNo, false, kProtected, Missing},
};

}  // namespace

std::span<const PropertyRow> PropertyTable() { return kRows; }

const PropertyRow* FindProperty(std::string_view ns, std::string_view local) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const PropertyRow& row) {
    return row.local == local && row.ns == ns;
  });
  return found == kRows.end() ? nullptr : &*found;
}

void AppendActiveLock(std::string& out, const ShownLock& shown, UserId viewer, std::int64_t now) {
  const storage::Lock& lock = shown.held.lock;
  out += "<d:activelock><d:lockscope>";
  out += lock.scope() == storage::LOCK_SHARED ? "<d:shared/>" : "<d:exclusive/>";
  out += "</d:lockscope><d:locktype><d:write/></d:locktype><d:lockroot><d:href>";
  AppendEscaped(out, shown.root_href);
  out += "</d:href></d:lockroot><d:depth>";
  out += lock.infinite() ? "infinity" : "0";
  out += "</d:depth><d:timeout>Second-";
  AppendNumber(out, shown.held.remaining(now));
  out += "</d:timeout>";
  if (lock.user() == Raw(viewer)) {
    out += "<d:locktoken><d:href>";
    AppendEscaped(out, lock.token());
    out += "</d:href></d:locktoken>";
  }
  if (!lock.owner().empty()) out.append("<d:owner>").append(lock.owner()).append("</d:owner>");
  out += "</d:activelock>";
}

}  // namespace cairn::dav
