// What the share API refuses, in the words that clients show. Thread-safe, does not block.
#pragma once

#include <string>

#include "ocs/envelope.h"
#include "shares/shares.h"

namespace cairn::ocs {

enum class ShareVerb { kCreate, kUpdate };

// What was asked for, as messages name it.
struct ShareAsked {
  ShareVerb verb = ShareVerb::kCreate;
  shares::ShareType type = shares::ShareType::kUser;
  std::string path = {};        // of the node, in the caller's view
  std::string name = {};        // of the node
  bool with_himself = false;    // the recipient is the caller
  bool folder = false;          // what stands at `path`
  std::uint32_t most_days = 0;  // that such a share may hold
};

// The one table from refusals to answers.
Reply RefusalReply(shares::Refusal refusal, const ShareAsked& asked);

Reply WrongPath();
Reply WrongShareId();
// A date that is none: 404 for a new share, else 400.
Reply WrongDate(ShareVerb verb);
Reply WrongAttributes(const std::string& text);
Reply WrongNote();
Reply WrongLabel();
Reply WrongPassword(const std::string& why);
Reply NoUploadToFiles();
Reply NoOwnTokens();
Reply NoTalk(const std::string& user, const std::string& path);

// For kinds of shares, as clients number them, that this server does not have.
Reply UnknownShareType(std::uint64_t type, const std::string& user, const std::string& path);

}  // namespace cairn::ocs
