#include "server/input_buffer.h"

#include <cstring>
#include <utility>

#include "base/error.h"

namespace cairn::server {

InputBuffer::InputBuffer(BufferPool& pool)
    : pool_(pool), small_(std::make_unique_for_overwrite<char[]>(kSmall)) {}

InputBuffer::~InputBuffer() {
  if (large_) pool_.Give(std::move(large_));
}

void InputBuffer::Consume(std::size_t size) {
  CAIRN_CHECK(size <= end_ - begin_);
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

std::span<char> InputBuffer::Room() {
  if (begin_ > 0) {
    std::memmove(data(), data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {data() + end_, (large_ ? kLarge : kSmall) - end_};
}

void InputBuffer::Enlarge() {
  if (large_) return;
  auto buffer = pool_.Take();
  const auto kept = unread();
  std::memcpy(buffer.get(), kept.data(), kept.size());
  end_ = kept.size();
  begin_ = 0;
  large_ = std::move(buffer);
}

void InputBuffer::Shrink() {
  const auto kept = unread();
  if (!large_ || kept.size() > kSmall) return;
  std::memcpy(small_.get(), kept.data(), kept.size());
  end_ = kept.size();
  begin_ = 0;
  pool_.Give(std::move(large_));
}

}  // namespace cairn::server
