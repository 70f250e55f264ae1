// The live properties of the files tree: one row each (clients.md 2.4, golden/NOTES.md 2).
// Everything else that a client asks for or sets is a dead property.
//
// A row writes the content of its element; the tags around it are the caller's. Thread-safe; no row
// blocks: what it needs from other tables stands in PropContext, fetched in batches for the entries
// of a page.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "dav/permission_letters.h"
#include "storage/engine.h"
#include "storage/properties.h"

namespace cairn::dav {

// Kinds of resources that have the property, and whether it is shown to users alone, not to who
// comes by a link. A property without a kind is known, but never has a value.
enum Applies : std::uint8_t {
  kNever = 0,
  kFiles = 1,
  kFolders = 2,
  kAlways = 3,
  kUsersOnly = 4,
  kAlwaysToUsers = kAlways | kUsersOnly,
};

// Which other tables a listing joins, and only for entries whose flag bits say there is something.
enum Needs : std::uint32_t {
  kNeedsNothing = 0,
  kNeedsFavorites = 1,
  kNeedsDead = 2,
  kNeedsLocks = 4,
  kNeedsQuota = 8,
  kNeedsShares = 16,
};

// What a PROPPATCH may do with it.
enum class PatchRule : std::uint8_t {
  kProtected,
  kStored,
  kFavorite,
  kMtime,
  kCreated,
  kCreationDate,
  kUploaded
};

// How an element without content is written: both forms mean the same, clients have seen these.
enum class Form : std::uint8_t { kText, kElements };  // <x></x>, <x/>

// A lock that covers an entry, and the URL path it was taken on.
struct ShownLock {
  storage::HeldLock held;
  std::string root_href;
};

// Somebody a resource is shared with.
struct Sharee {
  std::string id;
  std::string display_name;
  std::uint32_t type = 0;  // as clients number them
};

// What everything in one mount shows besides.
struct SharedFrom {
  std::string owner_id;
  std::string owner_name;  // for people
  std::string note;
  std::string attributes;  // JSON; empty = none
  bool hide_download = false;
};

// What all entries of one answer share.
struct PropScope {
  storage::Engine& engine;
  const auth::Principal& principal;
  std::int64_t now = 0;               // seconds
  std::int64_t quota_available = -3;  // for clients; with kNeedsQuota only
  // The last HTTP date written: neighbours often have the same time.
  mutable std::int64_t date_seconds = -1;
  mutable std::string date_text = {};
  bool by_link = false;  // the caller is no user
};

struct PropContext {
  const PropScope& scope;
  const storage::Entry& entry;
  std::string_view name;   // as the caller sees it
  storage::Etag etag;      // the same
  std::uint64_t size = 0;  // with everything below, mounts included
  storage::Permissions permissions = 0;
  Belonging belonging = Belonging::kOwn;
  const SharedFrom* shared = nullptr;  // null: it is the caller's own
  bool home_root = false;
  bool listed_folder = false;  // the collection whose members follow in the same answer
  bool favorite = false;
  std::span<const storage::StoredProperty> dead = {};
  std::span<const ShownLock> locks = {};
  std::span<const Sharee> sharees = {};  // those that the caller may see
};

struct PropertyRow {
  std::string_view ns;
  std::string_view local;
  Applies applies;
  Form form;
  std::uint32_t needs;
  bool in_allprop;
  PatchRule patch;
  // Appends the content. False: this resource has no such property (404).
  bool (*append)(std::string& out, const PropContext& context);
};

// In the order in which allprop answers them.
std::span<const PropertyRow> PropertyTable();
// Null: not a live property.
const PropertyRow* FindProperty(std::string_view ns, std::string_view local);

// The activelock element of RFC 4918 section 14.1. The token is shown to `viewer` only when the
// lock is his (T-36).
void AppendActiveLock(std::string& out, const ShownLock& lock, UserId viewer, std::int64_t now);

}  // namespace cairn::dav
