#include "server/process_log.h"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
#include <system_error>

#include "auth/audit.h"
#include "base/json_text.h"
#include "base/log.h"
#include "server/access_log.h"
#include "server/cli_output.h"
#include "server/descriptor.h"

namespace cairn::server {

namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";

// An object per line: time, level and either the text or a request's record.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(message.time.time_since_epoch());
    std::string line = "{\"time\":\"" + IsoTime(seconds.count()) + "\"";
    const auto level = spdlog::level::to_string_view(message.level);
    AppendJsonField(line, "level", {level.data(), level.size()});
    std::string_view text(message.payload.data(), message.payload.size());
    if (text.starts_with(auth::kAuditPrefix)) {
      line.append(",\"audit\":").append(text.substr(auth::kAuditPrefix.size()));
    } else if (text.starts_with(kAccessPrefix)) {
      line.append(",\"request\":").append(text.substr(kAccessPrefix.size()));
    } else {
      AppendJsonField(line, "message", text);
    }
    line.append("}\n");
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

spdlog::level::level_enum LevelOf(conf::LogLevel level) {
  switch (level) {
    case conf::LogLevel::kDebug:
      return spdlog::level::debug;
    case conf::LogLevel::kInfo:
      return spdlog::level::info;
    case conf::LogLevel::kWarn:
      return spdlog::level::warn;
    case conf::LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

class LogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Result<void> Open(const std::filesystem::path& file) {
    Descriptor opened;
    if (!file.empty()) {
      constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
      opened = Descriptor(::open(file.c_str(), kFlags, 0640));
      if (!opened) {
        return Fail(ErrorCode::kIo, "the log " + file.string() + " cannot be opened: " +
                                        std::generic_category().message(errno));
      }
    }
    const std::lock_guard lock(mutex_);
    file_ = std::move(opened);
    return {};
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const int fd = file_ ? file_.get() : STDERR_FILENO;
    // A log that cannot be written must not stop the server.
    std::size_t done = 0;
    while (done < line.size()) {
      const ssize_t size = ::write(fd, line.data() + done, line.size() - done);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return;
      done += static_cast<std::size_t>(size);
    }
  }
  void flush_() override {}

  Descriptor file_;  // none: standard error; guarded by mutex_
};

ProcessLog::ProcessLog() : sink_(std::make_shared<LogSink>()) {
  sink_->set_pattern(kTextPattern);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("cairn", sink_));
}

ProcessLog::~ProcessLog() = default;

Result<void> ProcessLog::Apply(const conf::Log& settings) {
  RETURN_IF_ERROR(sink_->Open(settings.file));
  if (settings.format == conf::LogFormat::kJson) {
    sink_->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    sink_->set_pattern(kTextPattern);
  }
  spdlog::default_logger()->set_level(LevelOf(settings.level));
  return {};
}

}  // namespace cairn::server
