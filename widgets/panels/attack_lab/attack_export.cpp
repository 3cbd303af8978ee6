#include "widgets/panels/attack_lab/attack_export.h"

#include <QBuffer>
#include <QImage>
#include <QImageWriter>

#include "core/store/files.h"
#include "core/store/safetensors.h"

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

}  // namespace mimir
