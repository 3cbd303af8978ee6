#include "widgets/panels/monitor/system_card.h"

#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/format.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

constexpr int kBarRow = 32;
constexpr int kPlainRow = 20;
constexpr int kText = 18;
constexpr int kBar = 4;
constexpr std::size_t kPast = 600;  ///< seconds
constexpr QSize kHistory(320, 104);

QString threads_text(double threads) { return fixed_text(threads, 1); }

}  // namespace

/// The last ten minutes of a row, over the window beside it.
class MeterRow::History : public QWidget {
 public:
  explicit History(const MeterRow& row) : QWidget(nullptr, Qt::ToolTip | Qt::WindowDoesNotAcceptFocus), row_(row) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_ShowWithoutActivating);
    resize(kHistory);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Tokens& t = row_.theme_->tokens();
    QPainter painter(this);
    painter.setPen(Theme::colour(t.control));
    painter.setBrush(Theme::colour(t.raised));
    painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    painter.setFont(row_.theme_->font(font::kCaption));
    painter.setPen(Theme::colour(t.text2));
    const QRect inside = rect().adjusted(8, 4, -8, -6);
    painter.drawText(QRect(inside.left(), inside.top(), inside.width(), 16), Qt::AlignVCenter | Qt::AlignLeft, row_.name_);
    painter.drawText(QRect(inside.left(), inside.top(), inside.width(), 16), Qt::AlignVCenter | Qt::AlignRight, MeterRow::tr("last 10 minutes"));
    painter.setPen(Theme::colour(t.text));
    const QRect words(inside.left(), inside.top() + 17, inside.width(), 16);
    painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(row_.reading_.words, Qt::ElideRight, words.width()));
    const QRectF plot = QRectF(inside).adjusted(0, 38, 0, 0);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto fill = [&](auto part, const QColor& colour) {
      QPolygonF shape;
      double x = plot.right();
      shape << QPointF(x, plot.bottom());
      for (auto past = row_.past_.rbegin(); past != row_.past_.rend(); ++past) {
        x = plot.right() - plot.width() * static_cast<double>(past - row_.past_.rbegin()) / static_cast<double>(kPast - 1);
        shape << QPointF(x, plot.bottom() - plot.height() * std::clamp(part(*past), 0.0, 1.0));
      }
      shape << QPointF(x, plot.bottom());
      painter.setPen(Qt::NoPen);
      painter.setBrush(colour);
      painter.drawPolygon(shape);
    };
    fill([](const Reading& reading) { return reading.share.value_or(0); }, Theme::colour(t.accentLine));
    fill([](const Reading& reading) { return reading.trainer; }, Theme::colour(t.accent));
    painter.setPen(QPen(Theme::colour(t.axis), 1));
    painter.drawLine(QLineF(plot.left(), plot.bottom() + 0.5, plot.right(), plot.bottom() + 0.5));
  }

 private:
  const MeterRow& row_;
};

MeterRow::MeterRow(Theme& theme, const QString& name, bool bar, QWidget* parent) : QWidget(parent), theme_(&theme), name_(name), bar_(bar) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(name);
  if (bar) setFocusPolicy(Qt::TabFocus);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  reading_.value = kMissing;
}

MeterRow::~MeterRow() { delete history_; }

QSize MeterRow::sizeHint() const { return {160, bar_ ? kBarRow : kPlainRow}; }

void MeterRow::show_reading(const Reading& reading) {
  reading_ = reading;
  if (bar_) {
    past_.push_back(reading);
    if (past_.size() > kPast) past_.pop_front();
  }
  if (!bar_) setToolTip(reading.words);  // a bar says it beside its history
  setAccessibleDescription(reading.words.isEmpty() ? reading.value : reading.words);
  update();
  if (history_) history_->update();
}

void MeterRow::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRect text(0, 0, width(), kText);
  const QFont words = theme_->font(font::kLabel), numbers = theme_->font(font::kCaptionNumber);
  const int value_width = QFontMetrics(numbers).horizontalAdvance(reading_.value) + 1;
  painter.setFont(words);
  painter.setPen(Theme::colour(t.text2));
  const QRect name = text.adjusted(0, 0, -value_width - 8, 0);
  painter.drawText(name, Qt::AlignVCenter | Qt::AlignLeft, QFontMetrics(words).elidedText(name_, Qt::ElideRight, name.width()));
  painter.setFont(numbers);
  painter.setPen(Theme::colour(reading_.value == kMissing ? t.text3 : t.text2));
  painter.drawText(text, Qt::AlignVCenter | Qt::AlignRight, reading_.value);
  if (!bar_) return;
  const QRectF track(0, kText + 2, width(), kBar);
  painter.setPen(Qt::NoPen);
  const auto bar = [&](double share, std::uint32_t colour) {
    if (share <= 0) return;
    painter.setBrush(Theme::colour(colour));
    painter.drawRoundedRect(QRectF(track.left(), track.top(), std::max<double>(kBar, track.width() * std::min(share, 1.0)), kBar), kBar / 2.0, kBar / 2.0);
  };
  bar(1, t.track);
  bar(reading_.share.value_or(0), reading_.trainer > 0 ? t.accentLine : t.accent);
  bar(reading_.trainer, t.accent);
  if (hasFocus()) {
    painter.setPen(QPen(Theme::colour(t.focus), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
  }
}

void MeterRow::show_history() {
  if (!bar_) return;
  if (!history_) history_ = new History(*this);
  history_->move(mapToGlobal(QPoint(-kHistory.width() - size::kCardPadding - 4, 0)));
  history_->show();
}

void MeterRow::hide_history() {
  delete history_;
  history_ = nullptr;
}

void MeterRow::enterEvent(QEnterEvent*) { show_history(); }
void MeterRow::leaveEvent(QEvent*) {
  if (!hasFocus()) hide_history();
}
void MeterRow::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  show_history();
}
void MeterRow::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  hide_history();
}
void MeterRow::hideEvent(QHideEvent*) { hide_history(); }

SystemCard::SystemCard(Theme& theme, const std::filesystem::path& workspace, QWidget* parent)
    : Card(theme, tr("System"), parent), theme_(&theme), meter_(workspace) {
  body()->setSpacing(2);
  cpu_ = add(tr("CPU"), true);
  memory_ = add(tr("Memory"), true);
  disk_ = add(tr("Disk"), true);
  rate_ = add(tr("Throughput"), false);
  wait_ = add(tr("Data wait"), false);
  heard_ = add(tr("Last heard"), false);
  connect(&meter_, &SystemMeter::sampled, this, &SystemCard::show_sample);
}

MeterRow* SystemCard::add(const QString& name, bool bar) {
  auto* row = new MeterRow(*theme_, name, bar, this);
  body()->addWidget(row);
  return row;
}

void SystemCard::show_run(const RunEntry* run, const QString& stage, double now) {
  const QString id = run && at_work(*run) ? run->id : QString();
  if (id != run_) {
    run_ = id;
    meter_.watch(id.isEmpty() ? std::nullopt : std::optional(run->folder));
  }
  const bool beats = run && run->heartbeat;
  heartbeat_memory_ = beats && at_work(*run) && run->heartbeat->memory ? std::optional(*run->heartbeat->memory * 1024 * 1024) : std::nullopt;
  rate_->show_reading({beats && run->heartbeat->rate ? tr("%1 images/s").arg(number_text(*run->heartbeat->rate, 3)) : kMissing, std::nullopt, 0, tr("Training images a second, attacks and all")});
  QString wait = kMissing;
  if (run) {
    if (const auto share = run->metrics.find(stage.toStdString() + "/data_wait"); share != run->metrics.end()) wait = tr("%1 of a step").arg(percent_text(share->second));
  }
  wait_->show_reading({wait, std::nullopt, 0, tr("The share of a step in which the trainer waits for images")});
  heard_->show_reading({run && run->condition.heard ? age_text(now - *run->condition.heard) : kMissing, std::nullopt, 0, {}});
}

void SystemCard::show_sample(const SystemSample& sample) {
  const double threads = std::max(1, sample.threads);
  MeterRow::Reading cpu{kMissing, std::nullopt, 0, {}};
  if (sample.busy) {
    cpu.value = sample.threads == 1 ? tr("%1 of 1 thread").arg(threads_text(*sample.busy)) : tr("%1 of %2 threads").arg(threads_text(*sample.busy)).arg(sample.threads);
    cpu.share = *sample.busy / threads;
    cpu.trainer = std::min(sample.trainer_busy.value_or(0) / threads, *cpu.share);
    cpu.words = tr("%1 of %2 processors are busy").arg(threads_text(*sample.busy)).arg(sample.threads);
    if (sample.trainer_busy) cpu.words += tr(", %1 of them with this run").arg(threads_text(*sample.trainer_busy));
  }
  cpu_->show_reading(cpu);

  MeterRow::Reading memory{kMissing, std::nullopt, 0, {}};
  const auto trainer = sample.trainer_memory ? sample.trainer_memory : heartbeat_memory_;
  if (sample.memory) {
    memory.value = tr("%1 of %2").arg(size_text(sample.memory->used), size_text(sample.memory->total));
    memory.share = sample.memory->used / sample.memory->total;
    memory.trainer = std::min(sample.trainer_memory.value_or(0) / sample.memory->total, *memory.share);
    memory.words = tr("%1 of %2 of memory are in use").arg(size_text(sample.memory->used), size_text(sample.memory->total));
    if (trainer) memory.words += tr(", %1 of them by this run").arg(size_text(*trainer));
  }
  memory_->show_reading(memory);

  MeterRow::Reading disk{kMissing, std::nullopt, 0, {}};
  if (sample.disk_free && sample.disk_total && *sample.disk_total > 0) {
    disk.value = tr("%1 free").arg(size_text(*sample.disk_free));
    disk.share = 1 - *sample.disk_free / *sample.disk_total;
    disk.words = tr("%1 of %2 are free on the disk that the runs are on").arg(size_text(*sample.disk_free), size_text(*sample.disk_total));
  }
  disk_->show_reading(disk);
}

void SystemCard::showEvent(QShowEvent* event) {
  Card::showEvent(event);
  meter_.set_on(true);
}

void SystemCard::hideEvent(QHideEvent* event) {
  Card::hideEvent(event);
  meter_.set_on(false);
}

}  // namespace mimir
