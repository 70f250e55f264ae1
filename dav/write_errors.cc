#include "dav/write_errors.h"

#include <array>

namespace cairn::dav {
namespace {

struct Refusal {
  std::string_view method;
  ErrorCode code;
  int status;
  std::string_view exception;  // below Sabre\DAV\Exception
  std::string_view message;
};

constexpr std::array kRefusals{
    Refusal{"PUT", ErrorCode::kIsACollection, 409, "Conflict", "PUT is not allowed on non-files."},
    Refusal{"PUT", ErrorCode::kParentMissing, 404, "NotFound", "The parent folder does not exist"},
    Refusal{"PUT", ErrorCode::kNotACollection, 404, "NotFound", "The parent folder does not exist"},
    Refusal{"MKCOL", ErrorCode::kAlreadyExists, 405, "MethodNotAllowed",
            "The resource you tried to create already exists"},
    Refusal{"MKCOL", ErrorCode::kParentMissing, 409, "Conflict", "Parent node does not exist"},
    Refusal{"MKCOL", ErrorCode::kNotACollection, 409, "Conflict",
            "Parent node is not a collection"},
    Refusal{"MOVE", ErrorCode::kParentMissing, 409, "Conflict",
            "The destination node is not found"},
    Refusal{"MOVE", ErrorCode::kNotACollection, 415, "UnsupportedMediaType",
            "The destination node is not a collection"},
    Refusal{"MOVE", ErrorCode::kConflict, 409, "Conflict",
            "The destination may not be part of the same subtree as the source path."},
    Refusal{"COPY", ErrorCode::kParentMissing, 409, "Conflict",
            "The destination node is not found"},
    Refusal{"COPY", ErrorCode::kNotACollection, 415, "UnsupportedMediaType",
            "The destination node is not a collection"},
    Refusal{"COPY", ErrorCode::kConflict, 409, "Conflict",
            "The destination may not be part of the same subtree as the source path."},
    Refusal{"DELETE", ErrorCode::kParentMissing, 404, "NotFound",
            "The file or folder could not be located"},
    Refusal{"DELETE", ErrorCode::kNotACollection, 404, "NotFound",
            "The file or folder could not be located"},
    Refusal{"PROPPATCH", ErrorCode::kParentMissing, 404, "NotFound",
            "The file or folder could not be located"},
    Refusal{"PROPPATCH", ErrorCode::kNotACollection, 404, "NotFound",
            "The file or folder could not be located"},
    Refusal{"ASSEMBLE", ErrorCode::kParentMissing, 409, "Conflict",
            "The destination node is not found"},
    Refusal{"ASSEMBLE", ErrorCode::kNotACollection, 415, "UnsupportedMediaType",
            "The destination node is not a collection"},
    Refusal{"ASSEMBLE", ErrorCode::kIsACollection, 400, "BadRequest",
            "The given destination is a directory."},
};

DavError PreconditionFailed(const Error& error) {
  DavError failed{412, "Sabre\\DAV\\Exception\\PreconditionFailed", {}, {}, {}};
  if (error.message == "If-Match") {
    failed.message = "An If-Match header was specified, but none of the specified ETags matched.";
  } else if (error.message == "If-None-Match") {
    failed.message =
        "An If-None-Match header was specified, but the ETag matched (or * was specified).";
  } else if (error.message == "If-Unmodified-Since") {
    failed.message =
        "An If-Unmodified-Since header was specified, but the entity has been changed since.";
  } else if (error.message == "If") {
    failed.message = "None of the conditions in the If header matched";
  } else {
    failed.message =
        "The destination node already exists, and the overwrite header is set to false";
    failed.header = "Overwrite";
    return failed;
  }
  failed.header = error.message;
  return failed;
}

}  // namespace

DavError ExplainWrite(std::string_view method, const Error& error) {
  if (error.code == ErrorCode::kPreconditionFailed) return PreconditionFailed(error);
  for (const Refusal& refusal : kRefusals) {
    if (refusal.method == method && refusal.code == error.code) {
      return {refusal.status,
              "Sabre\\DAV\\Exception\\" + std::string(refusal.exception),
              std::string(refusal.message),
              {},
              {}};
    }
  }
  DavError made = FromError(error);
  // Lengths that do not add up, or go beyond a bound: the text holds nothing but the numbers, and
  // tells the client what was lost.
  const bool upload = method == "PUT" || method == "ASSEMBLE";
  const bool lengths =
      error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kTooLarge;
  if (upload && lengths && !error.message.empty()) made.message = error.message;
  return made;
}

}  // namespace cairn::dav
