#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace cairn {

std::string_view Name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kAlreadyExists:
      return "already exists";
    case ErrorCode::kParentMissing:
      return "parent missing";
    case ErrorCode::kNotACollection:
      return "not a collection";
    case ErrorCode::kIsACollection:
      return "is a collection";
    case ErrorCode::kPreconditionFailed:
      return "precondition failed";
    case ErrorCode::kLocked:
      return "locked";
    case ErrorCode::kForbidden:
      return "forbidden";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kQuotaExceeded:
      return "quota exceeded";
    case ErrorCode::kDiskFull:
      return "disk full";
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kInvalidName:
      return "invalid name";
    case ErrorCode::kChecksumMismatch:
      return "checksum mismatch";
    case ErrorCode::kTooLarge:
      return "too large";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kThrottled:
      return "throttled";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kIo:
      return "input/output error";
    case ErrorCode::kCorruption:
      return "corruption";
  }
  return "unknown";
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  std::fprintf(stderr, "%s:%u: value() of an error: %s\n", where.file_name(), where.line(),
               error.message.c_str());
  std::abort();
}

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace cairn
