#include "base/offload.h"

namespace cairn {
namespace {
thread_local bool on_io_thread = false;
constexpr std::size_t kQueueLimit = 4096;
}  // namespace

bool OnIoThread() { return on_io_thread; }
void MarkIoThread() { on_io_thread = true; }

Pool::Pool(std::string name, std::size_t threads, std::size_t queue_limit)
    : name_(std::move(name)), queue_limit_(queue_limit), pool_(threads) {}
Pool::~Pool() { Join(); }
void Pool::Join() { pool_.join(); }

Pools::Pools(std::size_t read_threads, std::size_t write_threads, std::size_t data_threads,
             std::size_t slow_threads)
    : read("read", read_threads, kQueueLimit),
      write("write", write_threads, kQueueLimit),
      data("data", data_threads, kQueueLimit),
      slow("slow", slow_threads, 256) {}

void Pools::Join() {
  read.Join();
  write.Join();
  data.Join();
  slow.Join();
}

}  // namespace cairn
