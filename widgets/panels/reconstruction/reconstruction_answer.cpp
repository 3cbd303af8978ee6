#include "widgets/panels/reconstruction/reconstruction_answer.h"

#include <QCoreApplication>
#include <cmath>

#include "widgets/format.h"
#include "widgets/image/array_picture.h"

namespace mimir {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("mimir::ReconstructionAnswer", text); }

}  // namespace

Expected<ReconstructionAnswer> ReconstructionAnswer::read(std::shared_ptr<const WorkerAnswer> answer) {
  ReconstructionAnswer read;
  read.answer_ = std::move(answer);
  const auto& arrays = read.answer_->arrays;
  const auto lacks = [](const char* name) { return fail(ErrorCode::input, "The worker's answer has no usable tensor \"{}\".", name); };
  const auto find = [&](const char* name, std::size_t dims) -> const Array* {
    const auto found = arrays.find(name);
    return found != arrays.end() && found->second.dtype == Dtype::f32 && found->second.shape.size() == dims ? &found->second : nullptr;
  };
  const Array* clean = find("clean", 4);
  if (!clean || clean->shape[0] != 1 || (clean->shape[1] != 1 && clean->shape[1] != 3) || clean->shape[2] != clean->shape[3] || clean->shape[2] < 1 || clean->shape[2] > 16384) return lacks("clean");
  for (const char* name : {"adversarial", "reconstruction"}) {
    const Array* array = find(name, 4);
    if (!array || array->shape != clean->shape) return lacks(name);
  }
  const Array* mask = find("mask", 2);
  if (!mask || mask->shape[0] != 1 || mask->shape[1] < 1) return lacks("mask");
  read.side_ = static_cast<int>(clean->shape[2]);
  read.grid_ = static_cast<int>(std::lround(std::sqrt(static_cast<double>(mask->shape[1]))));
  if (static_cast<std::int64_t>(read.grid_) * read.grid_ != mask->shape[1] || read.side_ % read.grid_ != 0) return lacks("mask");
  for (const float value : mask->as<float>()) read.removed_.push_back(value != 0);
  const auto images = read.answer_->result.find("images");
  if (images == read.answer_->result.end() || !images->is_array() || images->size() != 1 || !images->front().is_object()) {
    return fail(ErrorCode::input, "The worker's answer says nothing of the image.");
  }
  const auto a = clean->as<float>(), b = arrays.at("reconstruction").as<float>();
  const auto plane = static_cast<std::size_t>(read.side_) * static_cast<std::size_t>(read.side_);
  const auto channels = static_cast<std::size_t>(clean->shape[1]);
  read.error_.resize(plane);
  for (std::size_t pixel = 0; pixel < plane; ++pixel) {
    double sum = 0;
    for (std::size_t channel = 0; channel < channels; ++channel) sum += std::abs(static_cast<double>(b[channel * plane + pixel]) - a[channel * plane + pixel]);
    read.error_[pixel] = static_cast<float>(sum / static_cast<double>(channels));
  }
  return read;
}

bool ReconstructionAnswer::attacked() const {
  const auto attack = answer_->result.find("attack");
  return attack != answer_->result.end() && attack->is_object();
}

bool ReconstructionAnswer::uses_true_statistics() const {
  const auto mark = answer_->result.find("uses_ground_truth_statistics");
  return mark != answer_->result.end() && mark->is_boolean() && mark->get<bool>();
}

QString ReconstructionAnswer::image_words() const {
  const auto& image = answer_->result["images"].front();
  const auto index = image.find("index"), label = image.find("label");
  const bool known = index != image.end() && index->is_number_integer();
  const QString where = known ? tr("image %1").arg(index->get<std::int64_t>()) : tr("own picture");
  const std::vector<std::string> names = class_names(answer_->result);
  const std::int64_t at = label != image.end() && label->is_number_integer() ? label->get<std::int64_t>() : -1;
  if (at < 0 || at >= std::ssize(names) || names[static_cast<std::size_t>(at)].empty()) return where;
  return QString::fromStdString(names[static_cast<std::size_t>(at)]) + QStringLiteral(", ") + where;
}

QString ReconstructionAnswer::checkpoint_words() const {
  const auto checkpoint = answer_->result.find("checkpoint");
  if (checkpoint == answer_->result.end() || !checkpoint->is_object()) return {};
  const auto stage = checkpoint->find("stage"), step = checkpoint->find("step");
  QString words;
  if (stage != checkpoint->end() && stage->is_string()) words = stage_title(QString::fromStdString(stage->get<std::string>()));
  if (step != checkpoint->end() && step->is_number_integer()) words += tr(", step %1").arg(step->get<std::int64_t>());
  return words;
}

QString ReconstructionAnswer::run() const {
  const nlohmann::json checkpoint = answer_->result.value("checkpoint", nlohmann::json::object());
  const auto run = checkpoint.find("run");
  return run != checkpoint.end() && run->is_string() ? QString::fromStdString(run->get<std::string>()) : QString();
}

std::optional<double> ReconstructionAnswer::number(const char* key) const {
  const auto& image = answer_->result["images"].front();
  const auto found = image.find(key);
  return found != image.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

QImage ReconstructionAnswer::clean() const { return picture_of(answer_->arrays.at("clean")); }

QImage ReconstructionAnswer::input() const { return picture_of(answer_->arrays.at("adversarial")); }

QImage ReconstructionAnswer::output(bool pasted, const std::vector<bool>& removed) const {
  QImage output = picture_of(answer_->arrays.at("reconstruction"));
  if (!pasted) return output;
  const QImage seen = input();
  const int patch = side_ / grid_;
  for (int y = 0; y < side_; ++y) {
    for (int x = 0; x < side_; ++x) {
      if (!removed[static_cast<std::size_t>(y / patch * grid_ + x / patch)]) output.setPixel(x, y, seen.pixel(x, y));
    }
  }
  return output;
}

}  // namespace mimir
