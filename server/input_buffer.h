// What a connection has received and not used yet: 8 KiB of its own, enough for a head with a small
// body, and a pooled 64 KiB buffer when that is too small.
//
// Not thread-safe: the connection's coroutine only. Never blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "server/buffer_pool.h"

namespace cairn::server {

class InputBuffer {
 public:
  static constexpr std::size_t kSmall = 8 * 1024;
  static constexpr std::size_t kLarge = BufferPool::kSize;

  explicit InputBuffer(BufferPool& pool);
  ~InputBuffer();
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  // Valid until Room, Enlarge or Shrink.
  std::string_view unread() const { return {data() + begin_, end_ - begin_}; }
  void Consume(std::size_t size);

  // Where to receive to; Filled says how much came. Empty: the buffer is full of unread bytes.
  std::span<char> Room();
  void Filled(std::size_t size) { end_ += size; }

  // Takes a pooled buffer, if it has none yet.
  void Enlarge();
  // Gives the pooled buffer back, if what is unread fits without it.
  void Shrink();
  bool large() const { return large_ != nullptr; }

 private:
  char* data() const { return large_ ? large_.get() : small_.get(); }

  BufferPool& pool_;
  std::unique_ptr<char[]> small_;
  std::unique_ptr<char[]> large_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace cairn::server
