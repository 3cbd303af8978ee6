#include "widgets/panels/attack_lab/prediction_bars.h"

#include <QPainter>
#include <algorithm>
#include <numeric>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kName = 76;
constexpr int kNumber = 44;
constexpr int kBar = 8;
constexpr double kStale = 0.45;

}  // namespace

PredictionBars::PredictionBars(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setAccessibleName(tr("Probabilities"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PredictionBars::set_rows(std::vector<Row> rows) {
  rows_ = std::move(rows);
  QStringList words;
  for (const Row& row : rows_) {
    words += tr("%1: clean %2, adversarial %3").arg(row.is_true ? tr("%1 (true)").arg(row.name) : row.name, fixed_text(row.clean, 3), row.adversarial ? fixed_text(*row.adversarial, 3) : kMissing);
  }
  setAccessibleDescription(words.join(QStringLiteral("; ")));
  update();
}

void PredictionBars::set_stale(bool stale) {
  if (stale_ == stale) return;
  stale_ = stale;
  update();
}

void PredictionBars::paintEvent(QPaintEvent*) {
  if (rows_.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setOpacity(stale_ ? kStale : 1);
  const Tokens& t = theme_->tokens();
  const double step = std::min(height() / static_cast<double>(rows_.size()), 44.0);
  const QFont plain = theme_->font(font::kBody), bold = theme_->font(font::kHeading), small = theme_->font(font::kTick), number = theme_->font(font::kCaptionNumber);
  double y = 0;
  for (const Row& row : rows_) {
    const bool strong = row.is_true || row.predicted;
    const double middle = y + step / 2;
    painter.setFont(strong ? bold : plain);
    painter.setPen(Theme::colour(strong ? t.text : t.text2));
    const QString name = painter.fontMetrics().elidedText(row.name, Qt::ElideRight, kName - 8);
    painter.drawText(QRectF(0, middle - (row.is_true ? 15 : 9), kName - 8, 18), Qt::AlignVCenter | Qt::AlignLeft, name);
    if (row.is_true) {
      painter.setFont(small);
      painter.setPen(Theme::colour(t.text3));
      painter.drawText(QRectF(0, middle + 2, kName - 8, 13), Qt::AlignVCenter | Qt::AlignLeft, tr("true"));
    }
    const double room = width() - kName - kNumber;
    const auto bar = [&](double top, std::optional<double> share, std::uint32_t colour, bool bright) {
      const QRectF track(kName, top, room, kBar);
      painter.setPen(Qt::NoPen);
      painter.setBrush(Theme::colour(t.grid));
      painter.drawRoundedRect(track, 2, 2);
      if (share && *share > 0) {
        painter.setBrush(Theme::colour(colour));
        painter.drawRoundedRect(QRectF(track.left(), track.top(), std::max(*share * room, 2.0), kBar), 2, 2);
      }
      painter.setFont(number);
      painter.setPen(Theme::colour(bright ? t.text : t.text3));
      painter.drawText(QRectF(width() - kNumber, top - 4, kNumber, kBar + 8), Qt::AlignVCenter | Qt::AlignRight, share ? fixed_text(*share, 3) : kMissing);
    };
    bar(middle - kBar - 2, row.clean, t.clean, row.is_true);
    bar(middle + 2, row.adversarial, t.adversarial, row.predicted);
    y += step;
  }
}

std::vector<PredictionBars::Row> top_rows(const std::vector<float>& clean, const std::vector<float>& adversarial, int label, int count,
                                          const std::function<QString(int)>& name) {
  std::vector<int> order(clean.size());
  std::iota(order.begin(), order.end(), 0);
  const auto larger = [&](int i) { return std::max(clean[static_cast<std::size_t>(i)], static_cast<std::size_t>(i) < adversarial.size() ? adversarial[static_cast<std::size_t>(i)] : 0.0F); };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return larger(a) > larger(b); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  const bool labelled = label >= 0 && static_cast<std::size_t>(label) < clean.size();
  if (labelled && std::find(order.begin(), order.end(), label) == order.end()) order.back() = label;
  const auto taken = adversarial.empty() ? -1 : static_cast<int>(std::max_element(adversarial.begin(), adversarial.end()) - adversarial.begin());
  std::vector<PredictionBars::Row> rows;
  for (const int i : order) {
    const auto at = static_cast<std::size_t>(i);
    rows.push_back({name(i), clean[at], at < adversarial.size() ? std::optional<double>(adversarial[at]) : std::nullopt, i == label, i == taken});
  }
  return rows;
}

}  // namespace mimir
