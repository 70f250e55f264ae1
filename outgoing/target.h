// The URL of an outgoing request, parsed by libcurl as it will be used: an absolute https or http
// URL without a login in it.
//
// Not thread-safe; does not block.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct Curl_URL;

namespace cairn::outgoing {

class Target {
 public:
  // kInvalidArgument: anything else, and a login, a zone of an address, a control character, more
  // than 8 KiB. The message tells nothing of the URL.
  static Result<Target> Parse(std::string_view url);
  // Where a Location leads that came from here. As Parse.
  Result<Target> Resolve(std::string_view location) const;

  bool is_https() const { return https_; }
  // In lower case; numbers in odd notations (0x7f.1, 2130706433, 0177.0.0.1) as a.b.c.d.
  const std::string& host() const { return host_; }
  const std::string& port() const { return port_; }      // also when it is the scheme's
  const std::string& origin() const { return origin_; }  // "https://host:port"
  Curl_URL* handle() const { return url_.get(); }

 private:
  struct Free {
    void operator()(Curl_URL* url) const;
  };
  using Handle = std::unique_ptr<Curl_URL, Free>;

  static Result<Target> Read(Handle url, std::string_view text);

  Handle url_;
  bool https_ = false;
  std::string host_, port_, origin_;
};

}  // namespace cairn::outgoing
