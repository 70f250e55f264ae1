// Errors as values. `Result<T>` is what every fallible function below the protocol edges returns.
//
// Codes are domain words; HTTP numbers live in http/status_map.cc only. The message is for the log,
// never for clients.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {

enum class ErrorCode {
  kNotFound,
  kAlreadyExists,
  kParentMissing,       // an ancestor of the target does not exist
  kNotACollection,      // an ancestor, or the target itself, is a file
  kIsACollection,       // a file was expected
  kPreconditionFailed,  // If-Match and its like
  kLocked,              // a WebDAV lock whose token was not submitted
  kForbidden,
  kUnauthenticated,
  kThrottled,  // too many attempts: Error.retry_after says when the next one is welcome
  kQuotaExceeded,
  kDiskFull,  // below the reserve, or ENOSPC: nothing that grows is accepted
  kInvalidArgument,
  kInvalidName,       // a file name that Cairn refuses
  kChecksumMismatch,  // what arrived is not what was announced
  kTooLarge,
  kUnsupported,
  kConflict,   // the operation makes no sense in this state (move below itself, wrong length ...)
  kBusy,       // try again: a queue is full, a deadline passed, the server is stopping
  kCancelled,  // the other side went away
  kIo,
  kCorruption,
};

struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kIo;
  std::string message;            // for the log
  std::uint32_t retry_after = 0;  // seconds; of kThrottled
};

std::string_view Name(ErrorCode code);

// boost::system::result needs to know what to do on value() of an error: abort, it is a broken
// invariant.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

inline Error Fail(ErrorCode code, std::string message = {}) {
  return Error{code, std::move(message), 0};
}

inline bool Is(const Error& error, ErrorCode code) { return error.code == code; }

// Aborts the process with the text when `condition` does not hold: a broken invariant, not an input
// error.
#define CAIRN_CHECK(condition, ...)                                         \
  do {                                                                      \
    if (!(condition)) ::cairn::CheckFailed(#condition, __FILE__, __LINE__); \
  } while (false)

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

#define CAIRN_CONCAT_INNER(a, b) a##b
#define CAIRN_CONCAT(a, b) CAIRN_CONCAT_INNER(a, b)

// ASSIGN_OR_RETURN(auto x, expr): x = the value, or return the error. Not for coroutines.
#define ASSIGN_OR_RETURN(lhs, ...) \
  ASSIGN_OR_RETURN_IMPL(CAIRN_CONCAT(cairn_result_, __LINE__), return, lhs, __VA_ARGS__)
// RETURN_IF_ERROR(expr): for Result<void>.
#define RETURN_IF_ERROR(...)                                           \
  do {                                                                 \
    if (auto cairn_status = (__VA_ARGS__); cairn_status.has_error()) { \
      return std::move(cairn_status).error();                          \
    }                                                                  \
  } while (false)
// The twins for coroutines. Name what is awaited first: `auto r = co_await f();
// CO_ASSIGN_OR_RETURN(auto x, r)`.
#define CO_ASSIGN_OR_RETURN(lhs, ...) \
  ASSIGN_OR_RETURN_IMPL(CAIRN_CONCAT(cairn_result_, __LINE__), co_return, lhs, __VA_ARGS__)
#define CO_RETURN_IF_ERROR(...)                                        \
  do {                                                                 \
    if (auto cairn_status = (__VA_ARGS__); cairn_status.has_error()) { \
      co_return std::move(cairn_status).error();                       \
    }                                                                  \
  } while (false)

#define ASSIGN_OR_RETURN_IMPL(tmp, ret, lhs, ...)  \
  auto tmp = (__VA_ARGS__);                        \
  if (tmp.has_error()) ret std::move(tmp).error(); \
  lhs = std::move(tmp).value()

}  // namespace cairn
