#include "auth/avatars.h"

#include "auth/records.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "storage/commit.h"
#include "storage/schema.h"

namespace cairn::auth {

using storage::Avatar;
using storage::KvTxn;
using storage::Table;

Result<std::optional<Avatar>> FindAvatar(const storage::KvView& view, UserId user) {
  return storage::ReadRecord<Avatar>(view, Table::kAvatars, storage::keys::User(user));
}

Result<void> SetAvatar(storage::KvStore& store, const Clock& clock, UserId user, std::string png) {
  constexpr std::size_t kEtagBytes = 16;
  Avatar avatar;
  avatar.set_etag(ToHex(Sha256(png).substr(0, kEtagBytes)));
  avatar.set_png(std::move(png));
  avatar.set_changed(clock.NowSeconds());
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto owner, LoadUser(txn, user));
    if (!owner) return Fail(ErrorCode::kNotFound, "no such user");
    storage::WriteRecord(txn, Table::kAvatars, storage::keys::User(user), avatar);
    return {};
  };
  return storage::CommitBlocking(store, {storage::DirectoryKey()}, body);
}

Result<void> RemoveAvatar(storage::KvStore& store, UserId user) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto avatar, FindAvatar(txn, user));
    if (avatar) EraseAvatar(txn, user);
    return {};
  };
  return storage::CommitBlocking(store, {storage::DirectoryKey()}, body);
}

void EraseAvatar(KvTxn& txn, UserId user) { txn.Erase(Table::kAvatars, storage::keys::User(user)); }

}  // namespace cairn::auth
