// Table numbers and key shapes: the one place. Values are the messages of storage/records.proto.
//
// A key in the store is the table's byte followed by what the functions here return. Integers in
// keys are big-endian, so that byte order is number order. docs/format.md explains every key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "storage/system_keys.h"

namespace cairn::storage {

// The first byte of every key. A number is never given to another table.
enum class Table : std::uint8_t {
  kSystem = 0x01,         // name -> FormatRecord, CounterRecord, raw bytes
  kEntries = 0x02,        // parent id, NFC name -> Node
  kNodes = 0x03,          // id -> NodePlace
  kSpaces = 0x04,         // id -> Space
  kContents = 0x05,       // content id -> Content
  kManifests = 0x06,      // content id, first offset -> ManifestPage
  kRefs = 0x07,           // content id, holder kind, holder id -> ()
  kBlobs = 0x08,          // blob id -> Blob
  kProps = 0x09,          // node id, user id or 0, namespace NUL name -> Property
  kFavorites = 0x0a,      // user id, node id -> ()
  kLocks = 0x0b,          // node id, token -> Lock
  kUploads = 0x0c,        // user id, session name -> UploadSession
  kChunks = 0x0d,         // session content id, chunk name -> Chunk
  kUploadResults = 0x0e,  // user id, session name -> UploadResult
  kVersions = 0x0f,       // file id, capture sequence -> Version
  kUsers = 0x20,          // user id -> User
  kUserNames = 0x21,      // folded name -> UserName
  kGroups = 0x22,         // group name -> Group
  kGroupMembers = 0x23,   // group name NUL user id -> ()
  kTokens = 0x24,         // HMAC of the secret -> Token
  kUserTokens = 0x25,     // user id, token id -> HMAC of the secret
  kThrottle = 0x26,       // letter of the rule, subject -> Throttle
  kGroupAdmins = 0x27,    // group name NUL user id -> ()
  kSessions = 0x28,       // HMAC of the cookie -> Session
  kUserSessions = 0x29,   // user id, session id -> HMAC of the cookie
  kLoginFlows = 0x2a,     // HMAC of the poll token -> LoginFlow
  kLoginTokens = 0x2b,    // HMAC of the login token -> HMAC of the poll token
  kOAuthClients = 0x2c,   // client identifier -> OAuthClient
  kOAuthGrants = 0x2d,    // HMAC of the code, or of the refresh token's first half -> OAuthGrant
  kSecondFactors = 0x2e,  // user id -> SecondFactor; 0 -> SecondFactorPolicy
  kUserMails = 0x2f,      // folded e-mail address NUL user id -> ()
  kAvatars = 0x30,        // user id -> Avatar
  kShares = 0x31,         // share id -> Share
  kNodeShares = 0x32,     // node id, share id -> ()
  kSharerShares = 0x33,   // user id of who shares, share id -> ()
  kUserShares = 0x34,     // user id of a recipient, share id -> ShareState
  kGroupShares = 0x35,    // group name NUL share id -> ()
  kLinkTokens = 0x36,     // token -> u64be share id
  kTrashLinks = 0x37,     // user id, stamp, NFC name -> TrashLink
  kTransfers = 0x38,      // transfer id -> Transfer
  kNotifications = 0x39,  // user id, notification id -> Notification
  kInline = 0x40,         // content id -> bytes (column family inline)
  kCandidates = 0x60,     // time, kind, id -> Candidate (column family log)
  kEvents = 0x61,         // space id, sequence -> Event (column family log)
};

// RocksDB column families; tables are told apart by their first byte inside each.
enum class Family : std::uint8_t { kMeta, kInline, kLog };

constexpr Family FamilyOf(Table table) {
  const auto number = static_cast<std::uint8_t>(table);
  if (number >= 0x60) return Family::kLog;
  return number >= 0x40 ? Family::kInline : Family::kMeta;
}

constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kOldestReader = 1;

constexpr std::size_t kMaxValueSize = 1 << 20;
constexpr std::size_t kMaxKeySize = 1 << 10;
constexpr std::size_t kMaxNameBytes = 255;     // both the name as given and its NFC key
constexpr std::size_t kMaxNewNameBytes = 250;  // the key of a name that is not there yet
constexpr std::size_t kMaxDepth = 256;

// Bits of Node.flags: which other tables have rows for this node.
enum NodeFlag : std::uint32_t {
  kHasLocks = 1,
  kHasShares = 2,
  kHasTags = 4,
  kHasComments = 8,
  kHasProperties = 16,  // dead properties or favourites
  kHasVersions = 32,
};

enum class HolderKind : char { kNode = 'n', kVersion = 'v', kUpload = 'u' };
enum class CandidateKind : char { kContent = 'c', kBlob = 'b' };

enum class EventType : std::uint32_t {
  kCreated = 1,
  kChanged = 2,
  kMoved = 3,  // rename too
  kDeleted = 4,
  kCopied = 5,
  kRestored = 6,
};

namespace keys {

inline std::string Entry(FileId parent, std::string_view nfc_name) {
  return Big64(Raw(parent)).append(nfc_name);
}
inline std::string EntryPrefix(FileId parent) { return Big64(Raw(parent)); }
// The entry of a root node: parent 0, the space and one letter for the kind.
inline std::string RootName(SpaceId space, char kind_letter) {
  return Big64(Raw(space)).append(1, kind_letter);
}
inline std::string Node(FileId id) { return Big64(Raw(id)); }
inline std::string Space(SpaceId id) { return Big64(Raw(id)); }
inline std::string Content(const ContentId& id) { return std::string(id.view()); }
inline std::string ManifestPage(const ContentId& id, std::uint64_t first_offset) {
  return std::string(id.view()).append(Big64(first_offset));
}
inline std::string RefPrefix(const ContentId& id) { return std::string(id.view()); }
inline std::string Ref(const ContentId& id, HolderKind kind, std::string_view holder) {
  return std::string(id.view()).append(1, static_cast<char>(kind)).append(holder);
}
inline std::string Blob(const BlobId& id) { return std::string(id.view()); }
// A property row; `user` 0 for properties that everybody sees.
inline std::string PropPrefix(FileId node) { return Big64(Raw(node)); }
inline std::string Prop(FileId node, std::uint64_t user, std::string_view ns,
                        std::string_view name) {
  std::string key = Big64(Raw(node));
  AppendBig64(key, user);
  return key.append(ns).append(1, '\0').append(name);
}
inline std::string Favorite(UserId user, FileId node) {
  return Big64(Raw(user)).append(Big64(Raw(node)));
}
inline std::string LockPrefix(FileId node) { return Big64(Raw(node)); }
inline std::string Lock(FileId node, std::string_view token) {
  return Big64(Raw(node)).append(token);
}
inline std::string Upload(UserId user, std::string_view session) {
  return Big64(Raw(user)).append(session);
}
inline std::string Chunk(const ContentId& session, std::string_view name) {
  return std::string(session.view()).append(name);
}
inline std::string VersionPrefix(FileId file) { return Big64(Raw(file)); }
// Also the holder's name in the reference of a version's content.
inline std::string Version(FileId file, std::uint64_t sequence) {
  return Big64(Raw(file)).append(Big64(sequence));
}
// A member of a trash root: its stamp (seconds, raised until the key is free), then its NFC name,
// so that the oldest come first.
inline std::string TrashName(std::int64_t stamp, std::string_view nfc_name) {
  return Big64(static_cast<std::uint64_t>(stamp)).append(nfc_name);
}
// `member`: as TrashName, of what the user has deleted in another's space.
inline std::string TrashLink(UserId user, std::string_view member) {
  return Big64(Raw(user)).append(member);
}
inline std::string Candidate(std::int64_t millis, CandidateKind kind, std::string_view id) {
  return Big64(static_cast<std::uint64_t>(millis)).append(1, static_cast<char>(kind)).append(id);
}
inline std::string Event(SpaceId space, std::uint64_t sequence) {
  return Big64(Raw(space)).append(Big64(sequence));
}
inline std::string User(UserId id) { return Big64(Raw(id)); }
inline std::string UserToken(UserId user, TokenId token) {
  return Big64(Raw(user)).append(Big64(Raw(token)));
}

inline std::string Share(ShareId id) { return Big64(Raw(id)); }
inline std::string NodeShare(FileId node, ShareId share) {
  return Big64(Raw(node)).append(Big64(Raw(share)));
}
// Of the one who shares, or of a recipient.
inline std::string UserShare(UserId user, ShareId share) {
  return Big64(Raw(user)).append(Big64(Raw(share)));
}
inline std::string GroupSharePrefix(std::string_view group) {
  return std::string(group).append(1, '\0');
}
inline std::string GroupShare(std::string_view group, ShareId share) {
  return GroupSharePrefix(group).append(Big64(Raw(share)));
}
inline std::string Transfer(TransferId id) { return Big64(Raw(id)); }
inline std::string Notification(UserId user, NotificationId id) {
  return Big64(Raw(user)).append(Big64(Raw(id)));
}

}  // namespace keys
}  // namespace cairn::storage
