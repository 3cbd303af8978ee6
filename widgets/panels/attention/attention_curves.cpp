#include <QComboBox>
#include <QLabel>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/panels/attention/attention_controls.h"
#include "widgets/panels/attention/attention_panel.h"
#include "widgets/plot/line_plot.h"

namespace mimir {
namespace {

/// [n] or [m, n] as rows of n.
std::vector<std::vector<double>> rows_of(const WorkerAnswer& answer, const char* name, std::size_t columns) {
  const auto found = answer.arrays.find(name);
  if (found == answer.arrays.end() || found->second.dtype != Dtype::f32 || columns == 0) return {};
  const auto values = found->second.as<float>();
  std::vector<std::vector<double>> rows;
  for (std::size_t begin = 0; begin + columns <= values.size(); begin += columns) rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(begin), values.begin() + static_cast<std::ptrdiff_t>(begin + columns));
  return rows;
}

/// Mean with the span of all runs as its band.
PlotLine random_line(const std::vector<std::vector<double>>& rows, const std::vector<double>& x) {
  PlotLine line;
  line.x = x;
  for (std::size_t i = 0; i < x.size() && !rows.empty(); ++i) {
    double sum = 0, low = rows[0][i], high = rows[0][i];
    for (const auto& row : rows) {
      sum += row[i];
      low = std::min(low, row[i]);
      high = std::max(high, row[i]);
    }
    line.y.push_back(sum / static_cast<double>(rows.size()));
    line.low.push_back(low);
    line.high.push_back(high);
  }
  return line;
}

}  // namespace

void AttentionPanel::repaint_distances() {
  const int layers = maps_ ? maps_->layers() : 0;
  distances_->set_x(-0.5, std::max(layers, 1) - 0.5, {});
  distances_->set_column(layers > 0 ? std::optional<double>(std::max(layer_, 0)) : std::nullopt, distances_->axes().width() / static_cast<double>(std::max(layers, 1)));
  distances_->set_empty_text(!maps_ ? QString() : attack_pending_ ? tr("The attacked image is being computed.") : maps_->classifies() ? tr("Choose an attack to see in which layer clean and adversarial attention part.") : tr("A masked autoencoder answers no class, so there is nothing to attack here."));
  const std::string measure = measure_->currentData().toString().toStdString();
  const auto values = maps_ ? maps_->distance(measure.c_str()) : std::span<const float>();
  std::vector<PlotLine> lines;
  double low = 0, high = 0;
  if (!values.empty()) {
    const auto heads = values.size() / static_cast<std::size_t>(layers);
    PlotLine mean, chosen;
    std::vector<PlotLine> others(heads);
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
      double sum = 0;
      for (std::size_t head = 0; head < heads; ++head) {
        const double value = values[layer * heads + head];
        sum += value;
        if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
        others[head].x.push_back(static_cast<double>(layer));
        others[head].y.push_back(value);
      }
      mean.x.push_back(static_cast<double>(layer));
      mean.y.push_back(sum / static_cast<double>(heads));
    }
    mean.run = 0;
    mean.name = heads > 1 ? tr("mean of heads") : measure_->currentText();
    if (heads > 1) {
      chosen = others[static_cast<std::size_t>(std::min<int>(head_, static_cast<int>(heads) - 1))];
      chosen.name = tr("head %1").arg(head_);
      chosen.run = 1;
      lines.push_back(chosen);
    }
    lines.push_back(mean);
    for (PlotLine& other : others) {
      if (heads < 2) break;
      other.colour = &Tokens::text3;
      other.opacity = 0.5;
      lines.push_back(std::move(other));
    }
  }
  const bool alike = measure == "cosine" || measure == "cka";
  distances_->set_y(low, alike ? 1 : high * 1.08, alike ? tr("%1, 1 = equal").arg(measure_->currentText()) : measure_->currentText());
  distances_->set_lines(std::move(lines));
}

void AttentionPanel::repaint_faithfulness() {
  curves_->set_x(0, 1, tr("share of the patches"));
  curves_->set_y(0, 1, tr("probability"));
  curves_->set_lines({});
  areas_->clear();
  const bool similarity = controls_->kind() == AttentionKind::similarity;
  QString sentence = tr("The patches are being taken away.");
  if (maps_ && !maps_->classifies()) sentence = tr("A masked autoencoder answers no class, so no map of it can be tested.");
  else if (similarity) sentence = tr("Similarity is no map of what matters, so it is not tested: choose another kind.");
  else if (faithfulness_ && faithfulness_->part == AnswerPart::error) sentence = QString::fromStdString(faithfulness_->message);
  curves_->set_empty_text(sentence);
  if (!faithfulness_ || faithfulness_->part != AnswerPart::final) return;
  const auto share = rows_of(*faithfulness_, "share", faithfulness_->arrays.contains("share") ? static_cast<std::size_t>(faithfulness_->arrays.at("share").elements()) : 0);
  if (share.empty()) return;
  const auto& x = share[0];
  std::vector<PlotLine> lines;
  const struct {
    const char* tensor;
    QString name;
    std::uint32_t Tokens::* colour;
    bool dashed;
  } curves[] = {{"deletion", tr("deletion"), &Tokens::adversarial, false},
                {"insertion", tr("insertion"), &Tokens::clean, false},
                {"deletion_random", tr("deletion, random order"), &Tokens::adversarial, true},
                {"insertion_random", tr("insertion, random order"), &Tokens::clean, true}};
  for (const auto& curve : curves) {
    const auto rows = rows_of(*faithfulness_, curve.tensor, x.size());
    if (rows.empty()) return;
    PlotLine line = random_line(rows, x);
    if (!curve.dashed) line.low.clear(), line.high.clear();
    line.name = curve.name;
    line.colour = curve.colour;
    line.dashed = curve.dashed;
    line.points = !curve.dashed;
    lines.push_back(std::move(line));
  }
  curves_->set_lines(std::move(lines));
  const auto& result = faithfulness_->result;
  const auto area = [&](const char* key) {
    const auto found = result.find("faithfulness");
    return found != result.end() && found->is_object() && found->contains(key) && (*found)[key].is_number() ? number_text((*found)[key].get<double>(), 3) : kMissing;
  };
  areas_->setText(tr("Area under deletion: %1, random order %2. Smaller is better.\n\nArea under insertion: %3, random order %4. Larger is better.\n\n"
                     "Attention is not importance: a map that does no better than a random order says little about the answer.")
                      .arg(area("deletion_area"), area("deletion_area_random"), area("insertion_area"), area("insertion_area_random")));
}

}  // namespace mimir
