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

#include "core/base/text.h"
#include "core/figure/inspection_figures.h"
#include "core/store/files.h"
#include "core/store/safetensors.h"
#include "widgets/format.h"
#include "widgets/image/figure_file.h"
#include "widgets/panels/attack_lab/attack_asker.h"
#include "widgets/panels/attack_lab/path_card.h"
#include "widgets/session/program.h"
#include "widgets/session/session.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

const QString kFigure = QStringLiteral("figure");
constexpr std::string_view kStepSize = "step_size=";

Array floats(std::span<const float> values, std::vector<std::int64_t> shape) { return Array::of<float>(Dtype::f32, std::move(shape), values); }

Expected<void> write_attack_figure(const QString& file, const WorkerAnswer& answer) {
  try {
    const auto figure = attack_figure(answer.result, answer.arrays);
    if (!figure) return tl::unexpected(figure.error());
    return write_figure(file, *figure);
  } catch (const nlohmann::json::exception& error) {  // a worker of another version
    return fail(ErrorCode::mismatch, "the worker's answer has not what its figure needs: {}", error.what());
  }
}

}  // namespace

Expected<void> write_adversarial_png(const QString& path, const ShownAttack& shown, const QString& command) {
  const AttackPath& walk = shown.walk;
  const std::vector<std::uint8_t> bytes = rounded_towards_clean(walk, shown.step);
  const int side = static_cast<int>(walk.side), stride = static_cast<int>(walk.side * walk.channels);
  const QImage image(bytes.data(), side, side, stride, walk.channels == 3 ? QImage::Format_RGB888 : QImage::Format_Grayscale8);
  QByteArray file;
  QBuffer buffer(&file);
  buffer.open(QIODevice::WriteOnly);
  QImageWriter writer(&buffer, "PNG");
  writer.setText(QStringLiteral("Software"), QStringLiteral("MIMIR Workbench"));
  writer.setText(QStringLiteral("Command"), command);
  writer.setText(QStringLiteral("Step"), QString::number(shown.counted()));
  if (!writer.write(image)) return fail(ErrorCode::storage, "the picture cannot be written as PNG: {}", writer.errorString().toStdString());
  return write_file(path.toStdString(), std::as_bytes(std::span(file.constData(), static_cast<std::size_t>(file.size()))));
}

Expected<void> write_adversarial_tensors(const QString& path, const ShownAttack& shown, const QString& command) {
  const AttackPath& walk = shown.walk;
  const auto step = static_cast<std::size_t>(shown.step);
  const std::vector<std::int64_t> shape{walk.channels, walk.side, walk.side};
  Safetensors document;
  document.arrays["clean"] = floats(walk.clean, shape);
  document.arrays["adversarial"] = floats(walk.iterates[step], shape);
  const std::int64_t label = walk.label;
  document.arrays["label"] = Array::of<std::int64_t>(Dtype::i64, {1}, std::span(&label, 1));
  if (const auto& known = walk.probabilities[step]; !known.empty()) document.arrays["probabilities"] = floats(known, {static_cast<std::int64_t>(known.size())});
  document.metadata["result"] = shown.result->json().dump();
  document.metadata["step"] = std::to_string(shown.counted());
  document.metadata["command"] = command.toStdString();
  return write_safetensors(path.toStdString(), document);
}

QString attack_command(const nlohmann::json& question, const nlohmann::json& worker) {
  QStringList words{QStringLiteral("mimir"), QStringLiteral("attack")};
  const auto text = [](const nlohmann::json& value) { return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump()); };
  if (question.contains("run")) words << text(question["run"]);
  const auto add = [&](const std::string& key, const nlohmann::json& value) {
    const QString option = QStringLiteral("--") + QString::fromStdString(key);
    if (value.is_boolean()) {
      if (value.get<bool>()) words << option;
    } else if (value.is_array()) {
      for (const auto& each : value) words << option << text(each);
    } else {
      words << option << text(value);
    }
  };
  for (const auto& [key, value] : question.items()) {
    if (key != "run") add(key, value);
  }
  for (const char* key : {"device", "threads"}) {
    if (const auto said = worker.find(key); said != worker.end()) add(key, *said);
  }
  return shell_line(words);
}

nlohmann::json question_of_iterate(const nlohmann::json& asked, const AttackResult& result, const AttackPath& walk, int number, int step) {
  nlohmann::json question = asked;
  for (const char* other : {"trajectory", "transfer"}) question.erase(other);
  if (number != PathCard::kBranch) leave_branch(question);
  const auto checkpoint = result.json().find("checkpoint");  // a run's own choice may be another one tomorrow
  if (checkpoint != result.json().end() && checkpoint->is_object() && checkpoint->contains("path")) question["run"] = (*checkpoint)["path"];
  if (number == PathCard::kRadius) {
    question["epsilon"] = format_number(walk.epsilon);
    nlohmann::json set = question.value("set", nlohmann::json::array());
    for (auto& each : set) {
      const std::string word = each.is_string() ? each.get<std::string>() : std::string();
      const auto size = word.starts_with(kStepSize) ? parse_number(word.substr(kStepSize.size())) : std::nullopt;
      if (size && *size > 0 && walk.asked_epsilon > 0) each = std::string(kStepSize) + format_number(*size * (walk.epsilon / walk.asked_epsilon));
    }
    question["set"] = std::move(set);
  }
  if (number >= 0 && number != result.best) question["restart"] = number;
  if (number == PathCard::kBranch) question["step"] = result.branch_step + step;
  else if (step != walk.last()) question["step"] = step;
  return question;
}

AttackSaver::AttackSaver(Session& session, Shown shown, std::function<QString()> command, QWidget* parent)
    : QObject(parent), session_(&session), shown_(std::move(shown)), command_(std::move(command)), window_(parent),
      action_(new QAction(icon(session.theme(), QLatin1String("export")), tr("Save picture"), this)), figure_(new QAction(tr("Export the figure…"), this)) {
  action_->setToolTip(tr("Save the step that is shown"));
  auto* menu = new QMenu(parent);
  const auto add = [&](const QString& text, const char* suffix, const QString& filter) {
    connect(menu->addAction(text), &QAction::triggered, this, [this, suffix, filter] { save_as(QLatin1String(suffix), filter); });
  };
  const QStringList filters{tr("SVG figure (*.svg)"), tr("PDF figure (*.pdf)"), tr("PNG figure (*.figure.png)")};
  add(tr("Figure, SVG…"), "svg", filters[0]);
  add(tr("Figure, PDF…"), "pdf", filters[1]);
  add(tr("Figure, PNG…"), "figure.png", filters[2]);
  menu->addSeparator();
  add(tr("Adversarial picture, lossless PNG…"), "png", tr("PNG picture (*.png)"));
  add(tr("Adversarial picture, exact values…"), "safetensors", tr("Safetensors (*.safetensors)"));
  menu->addSeparator();
  connect(menu->addAction(icon(session.theme(), QLatin1String("copy")), tr("Copy the command")), &QAction::triggered, this, &AttackSaver::copy_command);
  action_->setMenu(menu);
  connect(action_, &QAction::triggered, menu, [menu] { menu->popup(QCursor::pos()); });
  connect(figure_, &QAction::triggered, this, [this, filters] { save_as(QStringLiteral("svg"), filters.join(QStringLiteral(";;"))); });
}

void AttackSaver::copy_command() {
  QGuiApplication::clipboard()->setText(command_());
  session_->say(tr("The command is copied."));
}

QString AttackSaver::command_of(const ShownAttack& shown) const { return attack_command(shown.question, session_->worker().hello()); }

bool AttackSaver::settled() const { return !session_->worker().asks(this, kFigure); }

void AttackSaver::save(const QString& file, const Done& done) {
  const std::optional<ShownAttack> shown = shown_();
  if (!shown) return done(fail(ErrorCode::usage, "nothing has been attacked yet"));
  if (file.endsWith(QLatin1String(".safetensors"))) return done(write_adversarial_tensors(file, *shown, command_of(*shown)));
  if (file.endsWith(QLatin1String(".png")) && !file.endsWith(QLatin1String(".figure.png"))) return done(write_adversarial_png(file, *shown, command_of(*shown)));
  if (shown->at_hand) return done(write_attack_figure(file, *shown->result->answer));
  session_->worker().ask(this, kFigure, "attack", shown->question, [file, done](const Worker::Answer& answer) {
    if (answer->part == AnswerPart::final) done(write_attack_figure(file, *answer));
    else if (answer->ends()) done(fail(ErrorCode::input, "the figure of this step is not there: {}", answer->message));
  });
}

void AttackSaver::save_as(const QString& suffix, const QString& filters) {
  const std::optional<ShownAttack> shown = shown_();
  if (!shown) return session_->say(tr("Nothing has been attacked yet."));
  const ImageChoice& image = session_->image();
  const QString of = image.file.isEmpty() ? QString::number(image.index) : QFileInfo(image.file).completeBaseName();
  const bool figure = suffix == QLatin1String("svg") || suffix == QLatin1String("pdf") || suffix == QLatin1String("figure.png");
  const QString name = QStringLiteral("%1-%2-step-%3.%4").arg(figure ? QStringLiteral("attack") : QStringLiteral("adversarial"), of).arg(shown->counted()).arg(suffix);
  QString file = QFileDialog::getSaveFileName(window_, tr("Save"), name, filters);
  if (file.isEmpty()) return;
  if (figure && file.endsWith(QLatin1String(".png")) && !file.endsWith(QLatin1String(".figure.png"))) file.insert(file.size() - 4, QStringLiteral(".figure"));
  save(file, [this, file](const Expected<void>& done) { session_->say(done ? tr("%1 is saved.").arg(QFileInfo(file).fileName()) : sentence_text(done.error().message)); });
}

}  // namespace mimir
