#include "widgets/panels/attack_lab/attack_export.h"

#include <QAction>
#include <QBuffer>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImage>
#include <QImageWriter>
#include <QMenu>

#include "core/figure/inspection_figures.h"
#include "core/store/files.h"
#include "core/store/safetensors.h"
#include "widgets/image/figure_file.h"
#include "widgets/session/program.h"
#include "widgets/session/session.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

Array floats(std::span<const float> values, std::vector<std::int64_t> shape) { return Array::of<float>(Dtype::f32, std::move(shape), values); }

}  // namespace

Expected<void> write_adversarial_png(const QString& path, const AttackPath& walk, int step, const QString& command) {
  const std::vector<std::uint8_t> bytes = rounded_towards_clean(walk, step);
  const int side = static_cast<int>(walk.side), stride = static_cast<int>(walk.side * walk.channels);
  const QImage image(bytes.data(), side, side, stride, walk.channels == 3 ? QImage::Format_RGB888 : QImage::Format_Grayscale8);
  QByteArray file;
  QBuffer buffer(&file);
  buffer.open(QIODevice::WriteOnly);
  QImageWriter writer(&buffer, "PNG");
  writer.setText(QStringLiteral("Software"), QStringLiteral("MIMIR Workbench"));
  writer.setText(QStringLiteral("Command"), command);
  writer.setText(QStringLiteral("Step"), QString::number(step));
  if (!writer.write(image)) return fail(ErrorCode::storage, "the picture cannot be written as PNG: {}", writer.errorString().toStdString());
  return write_file(path.toStdString(), std::as_bytes(std::span(file.constData(), static_cast<std::size_t>(file.size()))));
}

Expected<void> write_adversarial_tensors(const QString& path, const AttackResult& result, const AttackPath& walk, int step, const QString& command) {
  const std::vector<std::int64_t> shape{walk.channels, walk.side, walk.side};
  Safetensors document;
  document.arrays["clean"] = floats(walk.clean, shape);
  document.arrays["adversarial"] = floats(walk.iterates[static_cast<std::size_t>(step)], shape);
  const std::int64_t label = walk.label;
  document.arrays["label"] = Array::of<std::int64_t>(Dtype::i64, {1}, std::span(&label, 1));
  if (const auto& known = walk.probabilities[static_cast<std::size_t>(step)]; !known.empty()) document.arrays["probabilities"] = floats(known, {static_cast<std::int64_t>(known.size())});
  document.metadata["result"] = result.json().dump();
  document.metadata["step"] = std::to_string(step);
  document.metadata["command"] = command.toStdString();
  return write_safetensors(path.toStdString(), document);
}

QString attack_command(const nlohmann::json& question) {
  QStringList words{QStringLiteral("mimir"), QStringLiteral("attack")};
  const auto text = [](const nlohmann::json& value) { return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump()); };
  if (question.contains("run")) words << text(question["run"]);
  for (const auto& [key, value] : question.items()) {
    if (key == "run") continue;
    const QString option = QStringLiteral("--") + QString::fromStdString(key);
    if (value.is_boolean()) {
      if (value.get<bool>()) words << option;
    } else if (value.is_array()) {
      for (const auto& each : value) words << option << text(each);
    } else {
      words << option << text(value);
    }
  }
  return shell_line(words);
}

AttackSaver::AttackSaver(Session& session, Shown shown, std::function<QString()> command, QWidget* parent)
    : QObject(parent), session_(&session), shown_(std::move(shown)), command_(std::move(command)), window_(parent),
      action_(new QAction(icon(session.theme(), QLatin1String("export")), tr("Save picture"), this)) {
  action_->setToolTip(tr("Save what is shown"));
  auto* menu = new QMenu(parent);
  const auto add = [&](const QString& text, const char* suffix, const QString& filter) {
    connect(menu->addAction(text), &QAction::triggered, this, [this, suffix, filter] { save_as(QLatin1String(suffix), filter); });
  };
  add(tr("Figure, SVG…"), "svg", tr("SVG figure (*.svg)"));
  add(tr("Figure, PDF…"), "pdf", tr("PDF figure (*.pdf)"));
  add(tr("Figure, PNG…"), "figure.png", tr("PNG figure (*.figure.png)"));
  menu->addSeparator();
  add(tr("Adversarial picture, lossless PNG…"), "png", tr("PNG picture (*.png)"));
  add(tr("Adversarial picture, exact values…"), "safetensors", tr("Safetensors (*.safetensors)"));
  menu->addSeparator();
  connect(menu->addAction(icon(session.theme(), QLatin1String("copy")), tr("Copy the command")), &QAction::triggered, this, &AttackSaver::copy_command);
  action_->setMenu(menu);
  connect(action_, &QAction::triggered, menu, [menu] { menu->popup(QCursor::pos()); });
}

void AttackSaver::copy_command() {
  QGuiApplication::clipboard()->setText(command_());
  session_->say(tr("The command is copied."));
}

Expected<void> AttackSaver::save(const QString& file) const {
  const std::optional<ShownAttack> shown = shown_();
  if (!shown) return fail(ErrorCode::usage, "nothing has been attacked yet");
  if (file.endsWith(QLatin1String(".safetensors"))) return write_adversarial_tensors(file, *shown->result, shown->walk, shown->step, command_());
  if (file.endsWith(QLatin1String(".png")) && !file.endsWith(QLatin1String(".figure.png"))) return write_adversarial_png(file, shown->walk, shown->step, command_());
  if (!shown->whole) return fail(ErrorCode::usage, "the figure needs the whole answer: run the attack at this radius first");
  try {
    const auto figure = attack_figure(shown->result->json(), shown->result->answer->arrays);
    if (!figure) return tl::unexpected(figure.error());
    return write_figure(file, *figure);
  } catch (const nlohmann::json::exception& error) {  // a worker of another version
    return fail(ErrorCode::mismatch, "the worker's answer has not what its figure needs: {}", error.what());
  }
}

void AttackSaver::save_as(const QString& suffix, const QString& filter) {
  if (!shown_()) return session_->say(tr("Nothing has been attacked yet."));
  const ImageChoice& image = session_->image();
  const QString name = tr("adversarial-%1.%2").arg(image.file.isEmpty() ? QString::number(image.index) : QFileInfo(image.file).completeBaseName(), suffix);
  const QString file = QFileDialog::getSaveFileName(window_, tr("Save"), name, filter);
  if (file.isEmpty()) return;
  const auto done = save(file);
  session_->say(done ? tr("%1 is saved.").arg(QFileInfo(file).fileName()) : QString::fromStdString(done.error().message));
}

}  // namespace mimir
