// The fields of a share that its maker sets, as POST and PUT give them. Thread-safe, no state.
#pragma once

#include <optional>

#include "ocs/endpoint.h"
#include "ocs/share_replies.h"
#include "shares/shares.h"

namespace cairn::ocs {

struct ShareFields {
  shares::ShareAttributes set;
  std::optional<Reply> refused = {};  // the first that cannot be
};
// permissions, expireDate, note, attributes; of a link also publicUpload, password, label,
// hideDownload, which count for nothing elsewhere. What is not given stays as it is; an empty text
// takes away what was there. Hashes a password.
ShareFields FieldsOf(const Call& call, const ShareAsked& asked);

// How many days such a share may hold at most, where the administrator has set that.
std::uint32_t MostDays(const conf::Sharing& rules, shares::ShareType type);

// Whether the call gives any field of a share, also one of other kinds of shares.
bool GivesFields(const Call& call);

}  // namespace cairn::ocs
