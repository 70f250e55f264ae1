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
// permissions, expireDate, note, attributes. What is not given stays as it is; an empty date,
// note or list of attributes takes it away. Fields of public links count for nothing.
ShareFields FieldsOf(const Call& call, ShareVerb verb);

// Whether the call gives any field of a share, also one of other kinds of shares.
bool GivesFields(const Call& call);

}  // namespace cairn::ocs
