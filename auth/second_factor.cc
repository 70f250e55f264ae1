#include "auth/second_factor.h"

#include <liboath/oath.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "auth/groups.h"
#include "auth/records.h"
#include "base/bytes.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::SecondFactor;
using storage::SecondFactorPolicy;
using storage::Table;

namespace {

constexpr UserId kNobody{};               // the policy's row
constexpr std::size_t kSecretBytes = 20;  // RFC 4226, section 4
constexpr std::int64_t kStep = 30;        // seconds
constexpr unsigned kDigits = 6;
constexpr std::size_t kBackupCodeLength = 16;
constexpr std::string_view kBackupAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

struct Free {
  void operator()(char* text) const { std::free(text); }
};

Result<std::optional<SecondFactor>> Load(const KvView& view, UserId user) {
  return storage::ReadRecord<SecondFactor>(view, Table::kSecondFactors, storage::keys::User(user));
}

void Store(KvTxn& txn, UserId user, const SecondFactor& factor) {
  storage::WriteRecord(txn, Table::kSecondFactors, storage::keys::User(user), factor);
}

Result<SecondFactor> LoadOrNew(const KvView& view, UserId user) {
  ASSIGN_OR_RETURN(auto factor, Load(view, user));
  return factor ? std::move(*factor) : SecondFactor();
}

Result<void> CheckUser(const KvView& view, UserId user) {
  ASSIGN_OR_RETURN(const auto record, LoadUser(view, user));
  if (!record || record->disabled()) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  return {};
}

Error WrongCode() { return Fail(ErrorCode::kUnauthenticated, "the code is wrong"); }

// Blanks and hyphens that people type between groups do not count.
std::string Plain(std::string_view code) {
  std::string plain = ToLower(code);
  std::erase_if(plain, [](char c) { return c == ' ' || c == '-'; });
  return plain;
}

bool IsTotp(std::string_view code) {
  return code.size() == kDigits && std::all_of(code.begin(), code.end(), IsDigit);
}

std::string BackupSecret(UserId user, std::string_view code) {
  return "backup code of " + std::to_string(Raw(user)) + ": " + std::string(code);
}

bool Names(const google::protobuf::RepeatedPtrField<std::string>& groups,
           const std::vector<std::string>& of_user) {
  return std::any_of(groups.begin(), groups.end(), [&](const std::string& group) {
    return std::find(of_user.begin(), of_user.end(), group) != of_user.end();
  });
}

Result<bool> IsEnforced(const KvView& view, const SecondFactorPolicy& policy, UserId user) {
  if (!policy.enforced()) return false;
  if (policy.groups().empty() && policy.excluded().empty()) return true;
  ASSIGN_OR_RETURN(const auto groups, GroupsOf(view, user));
  if (Names(policy.excluded(), groups)) return false;
  return policy.groups().empty() || Names(policy.groups(), groups);
}

}  // namespace

void EraseSecondFactor(KvTxn& txn, UserId user) {
  txn.Erase(Table::kSecondFactors, storage::keys::User(user));
}

std::string TotpUri(std::string_view user_name, std::string_view base32_secret) {
  // User names are of [A-Za-z0-9_.@-]: only '@' is to be encoded.
  std::string label;
  for (const char c : user_name) label += c == '@' ? std::string("%40") : std::string(1, c);
  return "otpauth://totp/Cairn:" + label + "?secret=" + std::string(base32_secret) +
         "&issuer=Cairn";
}

Result<SecondFactorPolicy> SecondFactors::Policy(const KvView& view) const {
  ASSIGN_OR_RETURN(auto policy, storage::ReadRecord<SecondFactorPolicy>(
                                    view, Table::kSecondFactors, storage::keys::User(kNobody)));
  return policy ? std::move(*policy) : SecondFactorPolicy();
}

Result<void> SecondFactors::SetPolicy(const SecondFactorPolicy& policy) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    storage::WriteRecord(txn, Table::kSecondFactors, storage::keys::User(kNobody), policy);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<SecondFactorState> SecondFactors::StateOf(const KvView& view, UserId user) const {
  SecondFactorState state;
  ASSIGN_OR_RETURN(const auto factor, Load(view, user));
  if (factor) {
    state.totp = factor->totp_active();
    state.backup_codes = static_cast<std::size_t>(factor->backup_codes_size());
  }
  ASSIGN_OR_RETURN(const SecondFactorPolicy policy, Policy(view));
  ASSIGN_OR_RETURN(state.enforced, IsEnforced(view, policy, user));
  return state;
}

Result<bool> SecondFactors::IsRequired(const KvView& view, UserId user) const {
  ASSIGN_OR_RETURN(const SecondFactorState state, StateOf(view, user));
  return state.required();
}

// Notes the step, so that its code and earlier ones are not taken again.
Result<bool> SecondFactors::TakeTotp(SecondFactor& factor, std::string_view code) const {
  if (factor.totp_secret().size() != kSecretBytes)
    return Fail(ErrorCode::kCorruption, "the secret of a second factor is damaged");
  const std::int64_t now = clock_.NowSeconds();
  for (const std::int64_t offset : {-kStep, std::int64_t{0}, kStep}) {
    const std::int64_t at = now + offset;
    const auto step = static_cast<std::uint64_t>(at / kStep);
    char expected[kDigits + 1] = {};
    if (oath_totp_generate(factor.totp_secret().data(), factor.totp_secret().size(), at,
                           static_cast<unsigned>(kStep), 0, kDigits, expected) != OATH_OK)
      return Fail(ErrorCode::kIo, "liboath makes no code");
    if (!ConstantTimeEqual({expected, kDigits}, code) || step <= factor.totp_step()) continue;
    factor.set_totp_step(step);
    return true;
  }
  return false;
}

Result<void> SecondFactors::Check(UserId user, std::string_view given) {
  RETURN_IF_ERROR(throttle_.Take(ThrottleRule::kSecondFactor, std::to_string(Raw(user))));
  const std::string code = Plain(given);
  std::string backup_key;
  if (!IsTotp(code)) {
    ASSIGN_OR_RETURN(backup_key, secrets_.KeyOf(BackupSecret(user, code)));
  }
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(CheckUser(txn, user));
    ASSIGN_OR_RETURN(auto factor, Load(txn, user));
    if (!factor) return WrongCode();
    if (backup_key.empty()) {
      if (!factor->totp_active()) return WrongCode();
      ASSIGN_OR_RETURN(const bool right, TakeTotp(*factor, code));
      if (!right) return WrongCode();
    } else {
      auto& codes = *factor->mutable_backup_codes();
      const auto found = std::find_if(codes.begin(), codes.end(), [&](const std::string& hash) {
        return ConstantTimeEqual(hash, backup_key);
      });
      if (found == codes.end()) return WrongCode();
      codes.erase(found);
    }
    Store(txn, user, *factor);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::string> SecondFactors::BeginTotp(UserId user, const Precondition& allowed) {
  const std::string secret = random_.Bytes(kSecretBytes);
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    RETURN_IF_ERROR(CheckUser(txn, user));
    ASSIGN_OR_RETURN(SecondFactor factor, LoadOrNew(txn, user));
    if (factor.totp_active()) return Fail(ErrorCode::kConflict, "codes are on already");
    factor.set_totp_secret(secret);
    Store(txn, user, factor);
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  char* text = nullptr;
  std::size_t size = 0;
  if (oath_base32_encode(secret.data(), secret.size(), &text, &size) != OATH_OK)
    return Fail(ErrorCode::kIo, "liboath writes no base 32");
  const std::unique_ptr<char, Free> owned(text);
  return std::string(text, size);
}

Result<void> SecondFactors::ConfirmTotp(UserId user, std::string_view given,
                                        const Precondition& allowed) {
  RETURN_IF_ERROR(throttle_.Take(ThrottleRule::kSecondFactor, std::to_string(Raw(user))));
  const std::string code = Plain(given);
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    RETURN_IF_ERROR(CheckUser(txn, user));
    ASSIGN_OR_RETURN(SecondFactor factor, LoadOrNew(txn, user));
    if (factor.totp_active() || factor.totp_secret().empty())
      return Fail(ErrorCode::kConflict, "no secret waits for its first code");
    ASSIGN_OR_RETURN(const bool right, TakeTotp(factor, code));
    if (!right) return WrongCode();
    factor.set_totp_active(true);
    Store(txn, user, factor);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> SecondFactors::TurnOff(UserId user, const Precondition& allowed) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    EraseSecondFactor(txn, user);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::vector<std::string>> SecondFactors::NewBackupCodes(UserId user,
                                                               const Precondition& allowed) {
  std::vector<std::string> codes;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kBackupCodes; ++i) {
    codes.push_back(random_.Text(kBackupCodeLength, kBackupAlphabet));
    ASSIGN_OR_RETURN(std::string key, secrets_.KeyOf(BackupSecret(user, codes.back())));
    keys.push_back(std::move(key));
  }
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    RETURN_IF_ERROR(CheckUser(txn, user));
    ASSIGN_OR_RETURN(SecondFactor factor, LoadOrNew(txn, user));
    factor.clear_backup_codes();
    for (const std::string& key : keys) factor.add_backup_codes(key);
    Store(txn, user, factor);
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return codes;
}

}  // namespace cairn::auth
