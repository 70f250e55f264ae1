// The logger: the one global. Structured lines, never bodies, passwords or tokens.
#pragma once

#include <spdlog/spdlog.h>

namespace cairn::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace cairn::log
