#include "auth/user_mails.h"

#include "base/bytes.h"

namespace cairn::auth {

using storage::Table;

namespace {

std::string MailPrefix(std::string_view mail) { return ToLower(mail).append(1, '\0'); }

std::string MailKey(std::string_view mail, const storage::User& user) {
  return MailPrefix(mail).append(Big64(user.id()));
}

}  // namespace

Result<std::optional<UserId>> FindByMail(const storage::KvView& view, std::string_view mail) {
  std::optional<UserId> found;
  std::size_t count = 0;
  auto collect = [&](std::string_view rest, std::string_view) {
    if (rest.size() == 8) found = UserId{ReadBig64(rest)};
    return ++count < 2;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUserMails, MailPrefix(mail), {}, collect));
  if (count != 1) found.reset();
  return found;
}

void MoveMail(storage::KvTxn& txn, storage::User& user, std::string_view mail) {
  if (!user.email().empty()) txn.Erase(Table::kUserMails, MailKey(user.email(), user));
  user.set_email(std::string(mail));
  if (!mail.empty()) txn.Put(Table::kUserMails, MailKey(mail, user), {});
}

}  // namespace cairn::auth
