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

Result<std::vector<UserId>> FindAllByMail(const storage::KvView& view, std::string_view mail,
                                          std::size_t limit) {
  std::vector<UserId> users;
  auto collect = [&](std::string_view rest, std::string_view) {
    if (users.size() == limit) return false;
    if (rest.size() == 8) users.push_back(UserId{ReadBig64(rest)});
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUserMails, MailPrefix(mail), {}, collect));
  return users;
}

Result<std::optional<UserId>> FindByMail(const storage::KvView& view, std::string_view mail) {
  ASSIGN_OR_RETURN(const auto users, FindAllByMail(view, mail, 2));
  return users.size() == 1 ? std::optional<UserId>(users.front()) : std::nullopt;
}

void MoveMail(storage::KvTxn& txn, storage::User& user, std::string_view mail) {
  if (!user.email().empty()) txn.Erase(Table::kUserMails, MailKey(user.email(), user));
  user.set_email(std::string(mail));
  if (!mail.empty()) txn.Put(Table::kUserMails, MailKey(mail, user), {});
}

}  // namespace cairn::auth
