#pragma once

#include <QObject>
#include <QThread>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/store/run_folder.h"

class QTimer;

namespace mimir {

/// Ticks of all processors since the machine started, as the first line of /proc/stat counts them.
struct CpuTicks {
  std::uint64_t busy = 0;
  std::uint64_t all = 0;
  int threads = 0;  ///< logical processors
};
/// What /proc/PID/stat says of a process.
struct ProcessUse {
  char state = 0;           ///< R running, S sleeping, Z a zombie, …
  std::uint64_t ticks = 0;  ///< of processor time
  double memory = 0;        ///< bytes resident
};
struct MemoryUse {
  double used = 0;   ///< bytes that are not available to a new program
  double total = 0;  ///< bytes
};
// Of the text of a file; none where it is not such a file.
std::optional<CpuTicks> parse_cpu(std::string_view stat);
std::optional<MemoryUse> parse_memory(std::string_view meminfo);
std::optional<ProcessUse> parse_process(std::string_view stat);

/// What the machine and the trainer use. Threads are processors kept busy since the sample before, sizes are bytes.
struct SystemSample {
  int threads = 0;
  std::optional<double> busy, trainer_busy;  ///< none in the first sample
  std::optional<MemoryUse> memory;
  std::optional<double> trainer_memory;
  std::optional<double> disk_free, disk_total;  ///< of the file system that the runs are on
};

/// Reads /proc and the file system once a second on a thread of its own while it is switched on. Lives on the UI thread.
class SystemMeter : public QObject {
  Q_OBJECT

 public:
  explicit SystemMeter(std::filesystem::path workspace, QObject* parent = nullptr);
  ~SystemMeter() override;

  void set_on(bool on);
  /// The run whose trainer is measured, if it works on this machine; none: the machine alone.
  void watch(std::optional<RunFolder> run);

 Q_SIGNALS:
  void sampled(const mimir::SystemSample& sample);

 private:
  /// Lives on the meter's thread.
  class Reader;

  QThread thread_;
  Reader* reader_;
};

}  // namespace mimir
