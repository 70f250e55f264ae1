#include "storage/records.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>

namespace cairn::storage {

std::string Serialize(const google::protobuf::MessageLite& record) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream sink(&bytes);
    google::protobuf::io::CodedOutputStream out(&sink);
    out.SetSerializationDeterministic(true);  // maps in key order: equal records, equal bytes
    record.SerializeToCodedStream(&out);
  }
  return bytes;
}

bool ParseInto(std::string_view bytes, google::protobuf::MessageLite& record) {
  if (bytes.size() > INT_MAX) return false;
  return record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

Error BadRecord(const google::protobuf::MessageLite& record) {
  return Fail(ErrorCode::kCorruption, "not a " + record.GetTypeName() + " record");
}

}  // namespace cairn::storage
