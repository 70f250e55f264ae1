// One request to one address and its answer: no redirect is followed. What Client::Send is made of.
//
// Thread-safe, blocks.
#pragma once

#include <chrono>

#include "base/error.h"
#include "outgoing/address_rules.h"
#include "outgoing/client.h"
#include "outgoing/target.h"

namespace cairn::outgoing {

// kForbidden, kTooLarge, kBusy, kIo as Client::Send.
Result<Response> Transfer(const ClientOptions& options, const AddressRules& rules,
                          const Target& target, const Request& request,
                          std::chrono::milliseconds timeout);

}  // namespace cairn::outgoing
