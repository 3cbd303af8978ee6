#pragma once

#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/store/run_writer.h"
#include "core/store/safetensors.h"
#include "core/store/workspace.h"
#include "tests/widgets/describe_fixture.h"
#include "widgets/frame/main_window.h"
#include "widgets/session/session.h"

namespace mimir::test {

/// Stands for `mimir` while it lives: describe, doctor, train --dry-run and train --detach as the real one answers
/// them. The settings of the test are its own.
class FakeProgram {
 public:
  FakeProgram() {
    QStandardPaths::setTestModeEnabled(true);
    write("demo.toml", kRecipe);
    QByteArray description(kDescription);
    description.replace("PRESET_PATH", folder_.filePath(QStringLiteral("demo.toml")).toUtf8());
    write("describe.json", description);
    write("mimir", R"sh(#!/bin/sh
cd "$(dirname "$0")"
case "$*" in
  describe*) cat describe.json ;;
  doctor*) echo '{"ok": true, "checks": [{"id": "disk", "label": "Free disk", "state": "warning", "value": 2.5, "unit": "GiB", "cure": "make room"}, {"id": "threads", "label": "Threads", "state": "ok", "value": 8, "unit": "1", "cure": ""}]}' ;;
  *--dry-run*) echo '{"problems": [], "stages": [{"name": "pretrain", "epochs": 4, "steps": 24}, {"name": "evaluate", "epochs": null, "steps": null}], "command": "", "recipe": {}}' ;;
  *--detach*) echo 'mimir: the data set is missing: /data/none; give its folder with --set data=DIR' >&2; exit 3 ;;
esac
)sh");
    QFile::setPermissions(folder_.filePath(QStringLiteral("mimir")), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("MIMIR_PROGRAM", folder_.filePath(QStringLiteral("mimir")).toUtf8());
  }

 private:
  void write(const char* name, const QByteArray& bytes) {
    QFile file(folder_.filePath(QLatin1String(name)));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
  }
  QTemporaryDir folder_;
};

inline RunFolder make_run(const Workspace& workspace, std::string_view name, double created) {
  Recipe recipe;
  recipe.pretrain = PretrainRecipe();
  recipe.finetune = FinetuneRecipe();
  return workspace.create_run(name, recipe, {{"created", created}, {"argv", {"mimir", "train", "demo"}}, {"host", "here"}}).value();
}

/// 8 x 8 pixels in 2 x 2 patches, two pictures.
inline void write_probe(const std::filesystem::path& file) {
  std::vector<std::uint8_t> pixels(2 * 3 * 64);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);
  Safetensors document;
  for (const char* name : {"clean", "input", "reconstruction"}) document.arrays[name] = Array::of<std::uint8_t>(Dtype::u8, {2, 3, 8, 8}, pixels);
  document.arrays["mask"] = Array::of<float>(Dtype::f32, {2, 4}, std::vector<float>{1, 0, 0, 1, 1, 0, 0, 0});
  document.arrays["error_masked"] = Array::of<float>(Dtype::f32, {2}, std::vector<float>{0.04F, 0.05F});
  document.arrays["error_visible"] = Array::of<float>(Dtype::f32, {2}, std::vector<float>{0, 0});
  std::filesystem::create_directories(file.parent_path());
  QVERIFY(write_safetensors(file, document).has_value());
}

/// Both stages with curves, a NaN, pictures, checkpoints and an event.
inline void record_run(const RunFolder& run, SegmentState end = SegmentState::finished) {
  const auto writer = std::move(RunWriter::open(run, {"pretrain", "finetune"}).value());
  writer->begin_segment("pretrain", 0, 200);
  for (int step = 0; step < 200; ++step) {
    writer->scalar("pretrain/loss", step, step == 77 ? std::numeric_limits<double>::quiet_NaN() : 1.0 / (step + 1));
    writer->scalar("pretrain/reconstruction", step, 0.9 / (step + 1));
    writer->scalar("pretrain/images_per_second", step, 900 + step);
  }
  for (const int step : {0, 100, 200}) {
    const std::string file = "media/pretrain/" + std::to_string(step) + "-probe.safetensors";
    write_probe(run.path() / file);
    writer->picture("pretrain", step, "probe", file);
    writer->scalar("pretrain/probe/reconstruction_clean", step, 1.0 / (step + 10));
    writer->scalar("pretrain/probe/reconstruction_adversarial", step, 1.2 / (step + 10));
  }
  writer->checkpoint("pretrain", 200, "last", "checkpoints/pretrain-last.safetensors");
  writer->message(Level::warning, "slow", "The data set was slow to read: 40 % of a step was spent waiting for it.");
  writer->begin_segment("finetune", 0, 60);
  for (int step = 0; step < 60; ++step) writer->scalar("finetune/loss", step, 2.0 / (step + 1));
  for (int epoch = 1; epoch <= 6; ++epoch) {
    writer->scalar("finetune/natural_accuracy", epoch * 10, 0.5 + 0.05 * epoch);
    writer->scalar("finetune/robust_accuracy", epoch * 10, 0.3 + 0.03 * epoch);
  }
  if (end == SegmentState::failed) writer->end_segment(end, Error{ErrorCode::diverged, "The loss is not finite at step 60", {}});
  else writer->end_segment(end);
  QVERIFY(writer->close().has_value());
}

inline QString id_of(const RunFolder& run) { return QString::fromStdString(run.id()); }

/// A session over a workspace, and the window of it in some size.
struct Desk {
  Desk(Theme& theme, const Workspace& workspace, const QString& place = QStringLiteral("monitor"), QSize size = {1600, 1000}, std::optional<QDBusConnection> bus = {})
      : session(theme, workspace), window(session, {{}, place, {}, bus}) {
    window.resize(size);
    window.show();
    window.activateWindow();
  }
  bool ready() { return QTest::qWaitForWindowActive(&window) && QTest::qWaitFor([this] { return window.ready(); }, 20000); }

  Session session;
  MainWindow window;
};

}  // namespace mimir::test
