// Reads that ThreadSanitizer is not to judge: those inside RocksDB's write path. Writers that come
// together copy each other's batches there, in an order that a library built without
// ThreadSanitizer does not tell it. Nothing in other builds.
//
//   const IgnoredReads ignored;      // until the end of the block, in this thread
#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}
#endif

namespace cairn::storage {

class IgnoredReads {
 public:
  IgnoredReads(const IgnoredReads&) = delete;
  IgnoredReads& operator=(const IgnoredReads&) = delete;
#if defined(__SANITIZE_THREAD__)
  IgnoredReads() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    active_ = true;
  }
  ~IgnoredReads() { End(); }
  // Before the process ends from within, which would be reported.
  static void End() {
    if (!active_) return;
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    active_ = false;
  }

 private:
  static inline thread_local bool active_ = false;
#else
  IgnoredReads() {}
  ~IgnoredReads() {}
  static void End() {}
#endif
};

}  // namespace cairn::storage
