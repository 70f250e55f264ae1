#include "auth/audit.h"

#include "base/json_text.h"
#include "base/log.h"

namespace cairn::auth {
namespace {

std::string_view NameOf(AuditEvent event) {
  switch (event) {
    case AuditEvent::kLoginSucceeded:
      return "login_succeeded";
    case AuditEvent::kLoginFailed:
      return "login_failed";
    case AuditEvent::kLoginThrottled:
      return "login_throttled";
    case AuditEvent::kSessionOpened:
      return "session_opened";
    case AuditEvent::kSessionEnded:
      return "session_ended";
    case AuditEvent::kTokenCreated:
      return "token_created";
    case AuditEvent::kTokenRevoked:
      return "token_revoked";
    case AuditEvent::kAccessGranted:
      return "access_granted";
    case AuditEvent::kWipeOrdered:
      return "wipe_ordered";
    case AuditEvent::kWipeDone:
      return "wipe_done";
    case AuditEvent::kPasswordChanged:
      return "password_changed";
    case AuditEvent::kSecondFactorChanged:
      return "second_factor_changed";
    case AuditEvent::kUserChanged:
      return "user_changed";
    case AuditEvent::kPrivilegeChanged:
      return "privilege_changed";
  }
  return "unknown";
}

}  // namespace

std::string FormatAudit(const AuditLine& line) {
  std::string out = "{";
  AppendJsonField(out, "event", NameOf(line.event));
  AppendJsonField(out, "user", line.user);
  if (!line.actor.empty()) AppendJsonField(out, "actor", line.actor);
  if (!line.remote.empty()) AppendJsonField(out, "remote", line.remote);
  if (!line.detail.empty()) AppendJsonField(out, "detail", line.detail);
  out += '}';
  return out;
}

void Audit(const AuditLine& line) { log::info("{}{}", kAuditPrefix, FormatAudit(line)); }

}  // namespace cairn::auth
