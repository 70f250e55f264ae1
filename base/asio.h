// The few Asio names that coroutine code needs. Asio itself is compiled once, in base/asio.cc.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cairn {
namespace net = boost::asio;
}  // namespace cairn
