#include "tests/support/crash_fs.h"

#include <rocksdb/env.h>

#include "tests/support/crash_disk.h"
#include "tests/support/crash_env.h"

namespace cairn {

CrashFs::CrashFs(const std::filesystem::path& live)
    : log_(live),
      disk_(std::make_unique<CrashDisk>(live, log_)),
      files_(std::make_shared<CrashEnv>(live, log_)),
      env_(rocksdb::NewCompositeEnv(files_)) {}
CrashFs::~CrashFs() = default;

rocksdb::Env* CrashFs::env() { return env_.get(); }
storage::DiskOps& CrashFs::disk() { return *disk_; }

std::size_t CrashFs::CrashAt(std::size_t step, const Choice& choice,
                             const std::filesystem::path& after) const {
  const DiskImage image = ImageAt(step, choice);
  image.Write(after);
  return image.asked;
}

void CrashFs::FailSyncs(bool fail) { files_->FailSyncs(fail); }
void CrashFs::FillDisk(bool full) { files_->FillDisk(full); }
void CrashFs::HoldSyncs(bool hold) { files_->HoldSyncs(hold); }
std::size_t CrashFs::log_syncs() const { return files_->log_syncs(); }

}  // namespace cairn
