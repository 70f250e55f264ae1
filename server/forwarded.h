// Who a request comes from when reverse proxies stand in between. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/network.h"
#include "http/headers.h"

namespace cairn::server {

struct Origin {
  std::string remote;   // address of the client
  bool secure = false;  // it speaks https with whom it talks to
  bool operator==(const Origin&) const = default;
};

bool IsTrustedProxy(std::string_view address, const std::vector<conf::Network>& trusted);

// `peer`: what the socket says. X-Forwarded-For and X-Forwarded-Proto count only when the peer is
// one of `trusted`, and then from the right: the address that the last trusted hop saw. Entries
// behind it are anybody's claim (T-08). `peer_is_local`: a Unix socket, whose other end is on this
// machine and allowed to use it: trusted.
Origin OriginOf(const Origin& peer, bool peer_is_local, const http::Headers& headers,
                const std::vector<conf::Network>& trusted);

}  // namespace cairn::server
