// The audit log: one structured line for each event that somebody may have to explain later. Names
// and addresses, never secrets (T-24). Lines begin with kAuditPrefix; what follows is a JSON
// object. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace cairn::auth {

inline constexpr std::string_view kAuditPrefix = "audit ";

enum class AuditEvent {
  kLoginSucceeded,  // a password was given and is right
  kLoginFailed,
  kLoginThrottled,  // not looked at: too many attempts
  kSessionOpened,
  kSessionEnded,
  kTokenCreated,
  kTokenRevoked,
  kAccessGranted,  // a device that waited in a login flow
  kWipeOrdered,
  kWipeDone,
  kPasswordChanged,
  kSecondFactorChanged,
  kUserChanged,       // created, deleted, enabled, disabled
  kPrivilegeChanged,  // groups, administrators, sub-administrators
};

struct AuditLine {
  AuditEvent event;
  std::string_view user = {};    // whom it is about, as given or as known
  std::string_view remote = {};  // where it came from; empty: this machine
  std::string_view detail = {};  // door, device, group ...
  std::string_view actor = {};   // who did it, if somebody else
};

std::string FormatAudit(const AuditLine& line);
void Audit(const AuditLine& line);

}  // namespace cairn::auth
