#include "ocs/share_replies.h"

namespace cairn::ocs {

using shares::Refusal;
using shares::ShareType;

Reply WrongPath() { return Reply::Failure(404, "Wrong path, file/folder does not exist"); }
Reply WrongShareId() { return Reply::Failure(404, "Wrong share ID, share does not exist"); }

Reply WrongDate(ShareVerb verb) {
  return Reply::Failure(verb == ShareVerb::kCreate ? 404 : 400,
                        "Invalid date. Format must be YYYY-MM-DD");
}

Reply WrongAttributes(const std::string& text) {
  return Reply::Failure(400, "Invalid share attributes provided: \"" + text + "\"");
}

Reply WrongLabel() { return Reply::Failure(400, "The label is too long or is no text"); }
Reply WrongPassword(const std::string& why) { return Reply::Failure(400, why); }
Reply NoUploadToFiles() {
  return Reply::Failure(400, "Public upload is only possible for publicly shared folders");
}
Reply NoOwnTokens() {
  return Reply::Failure(403, "Custom share link tokens have been disabled by the administrator");
}
Reply NoTalk(const std::string& user, const std::string& path) {
  return Reply::Failure(403, "Sharing /" + user + "/files" + path +
                                 " sending the password by Nextcloud Talk failed because "
                                 "Nextcloud Talk is not enabled");
}

Reply WrongNote() { return Reply::Failure(400, "The note is too long or is no text"); }

Reply RefusalReply(Refusal refusal, const ShareAsked& asked) {
  switch (refusal) {
    case Refusal::kNoNode:
      return WrongPath();
    case Refusal::kNotShareable:
      return Reply::Failure(404, "You are not allowed to share " + asked.name);
    case Refusal::kIsRoot:
      return Reply::Failure(403, "You cannot share your root folder");
    case Refusal::kHoldsMounts:
      return Reply::Failure(403, "You cannot share a folder that contains other shares");
    case Refusal::kToSelf:
      return Reply::Failure(403, asked.with_himself ? "Cannot share with yourself"
                                                    : "Cannot share with the share owner");
    case Refusal::kNoRecipient:
      return Reply::Failure(404, asked.type == ShareType::kGroup
                                     ? "Please specify a valid group"
                                     : "Please specify a valid account to share with");
    case Refusal::kMoreThanOwn:
      return Reply::Failure(404, "Cannot increase permissions of " + asked.path);
    case Refusal::kBadPermissions:
      return asked.verb == ShareVerb::kCreate
                 ? Reply::Failure(403, "Valid permissions are required for sharing")
                 : Reply::Failure(400, "Failed to update share.");
    case Refusal::kPast:
      return Reply::Failure(404, "Expiration date is in the past");
    case Refusal::kTooMany:
      return Reply::Failure(403, "It is shared with too many others already");
    case Refusal::kNoShare:
      return WrongShareId();
    case Refusal::kIncoming:
      return Reply::Failure(403, "You are not allowed to edit incoming shares");
    case Refusal::kLinksOff:
      return Reply::Failure(404, "Public link sharing is disabled by the administrator");
    case Refusal::kUploadsOff:
      return Reply::Failure(403, "Public upload disabled by the administrator");
    case Refusal::kPasswordNeeded:
      // Desktop clients ask for a password when making a link is forbidden.
      return Reply::Failure(asked.verb == ShareVerb::kCreate ? 403 : 400,
                            "Passwords are enforced for link and mail shares");
    case Refusal::kTooLate:
      return Reply::Failure(404, "Cannot set expiration date more than " +
                                     std::to_string(asked.most_days) + " days in the future");
    case Refusal::kDayNeeded:
      return Reply::Failure(asked.verb == ShareVerb::kCreate ? 404 : 400,
                            "Expiration date is enforced");
    case Refusal::kNoReadOrCreate:
      return Reply::Failure(400, "Share must at least have READ or CREATE permissions");
  }
  return Reply::Failure(kServerError, "");
}

Reply UnknownShareType(std::uint64_t type, const std::string& user, const std::string& path) {
  const std::string failed = "Sharing /" + user + "/files" + path + " failed because the back end ";
  switch (type) {
    case 4:  // e-mail
      return Reply::Failure(404, "Sharing by mail is disabled by the administrator");
    case 6:  // federated user, group
    case 9:
      return Reply::Failure(403,
                            failed + "does not allow shares from type " + std::to_string(type));
    case 7:  // team
      return Reply::Failure(404, "You cannot share to a Team if the app is not enabled");
    case 10:  // conversation
    case 12:  // deck
      return Reply::Failure(403, failed + "does not support room shares");
    default:
      return Reply::Failure(400, "Unknown share type");
  }
}

}  // namespace cairn::ocs
