// How somebody who has a link knocks, and what he is told when it stays shut. Thread-safe, no
// state.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/exchange.h"
#include "shares/link_door.h"

namespace cairn::dav {

// `token`: of the path; empty below /public.php/webdav, where it is the user name of Basic. The
// link's password is that of Basic, or was given on the link's page, which this browser's cookie
// proves.
shares::Knock KnockOf(const http::Request& request, const std::string& token);

// `token`: of the path; empty below /public.php/webdav, where a link that does not exist is as
// wrong credentials are. A form of the link's page is led back to it. Status 0: the error has
// nothing to do with the link.
http::Response LinkRefusal(const http::Request& request, const std::string& token,
                           std::string_view public_url, const Error& error);

}  // namespace cairn::dav
