#include "widgets/panels/attack_lab/attack_radius.h"

#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <QVBoxLayout>
#include <cmath>

#include "core/base/text.h"
#include "widgets/form/number_text.h"
#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kLevels = 16;  ///< of the slider
constexpr double kLinfLevel = 1.0 / 255;
constexpr double kL2Level = 16.0 / 255;
constexpr double kLargestL2 = 255;
constexpr int kHandle = 8;   ///< half of the slider's

}  // namespace

/// The ends and some levels in between, below the slider.
class AttackRadius::Scale : public QWidget {
 public:
  explicit Scale(Theme& theme) : theme_(&theme) { setFixedHeight(20); }
  void set_unit(int unit) {
    unit_ = unit;
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Tokens& t = theme_->tokens();
    painter.setFont(theme_->font(font::kTick));
    for (const int level : {0, 2, 4, 8, 12, 16}) {
      const double x = kHandle + level * (width() - 2.0 * kHandle) / kLevels;
      painter.setPen(Theme::colour(t.axis));
      painter.drawLine(QPointF(x, 0), QPointF(x, 4));
      painter.setPen(Theme::colour(t.text3));
      painter.drawText(QRectF(x - 16, 5, 32, 14), Qt::AlignHCenter | Qt::AlignTop, QString::number(level * unit_));
    }
  }

 private:
  Theme* theme_;
  int unit_ = 1;
};

AttackRadius::AttackRadius(Theme& theme, QWidget* parent)
    : QWidget(parent), field_(new QLineEdit), decimal_(new QLabel), slider_(new QSlider(Qt::Horizontal)), scale_(new Scale(theme)) {
  auto* letter = new QLabel(QStringLiteral("ε"));
  letter->setProperty("role", QStringLiteral("name"));
  field_->setFont(theme.font(font::kFigure));
  field_->setAlignment(Qt::AlignRight);
  field_->setFixedWidth(104);
  field_->setAccessibleName(tr("Epsilon"));
  field_->setToolTip(tr("Radius of the attack for pixels in 0 to 1: 8/255, 0.03, 2*8/255"));
  decimal_->setProperty("role", QStringLiteral("caption-number"));
  decimal_->setMinimumWidth(60);
  decimal_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  slider_->setRange(0, kLevels);
  slider_->setPageStep(2);
  slider_->setAccessibleName(tr("Epsilon, by levels"));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(letter);
  row->addStretch(1);
  row->addWidget(field_);
  row->addWidget(decimal_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addLayout(row);
  column->addWidget(slider_);
  column->addWidget(scale_);
  refresh();
  connect(field_, &QLineEdit::textChanged, this, &AttackRadius::typed);
  connect(field_, &QLineEdit::editingFinished, this, &AttackRadius::refresh);
  connect(slider_, &QSlider::valueChanged, this, [this](int at) { set_value(at * level()); });
}

double AttackRadius::level() const { return linf_ ? kLinfLevel : kL2Level; }

std::vector<double> AttackRadius::levels() const {
  std::vector<double> all;
  for (int at = 0; at <= kLevels; ++at) all.push_back(at * level());
  return all;
}

void AttackRadius::set_value(double value) {
  value_ = value;
  text_ = fraction_text(value);
  if (!text_.contains(QLatin1Char('/'))) text_ = QString::fromStdString(format_number(value));
  refresh();
  Q_EMIT changed();
}

void AttackRadius::set_text(const QString& text) {
  const auto value = evaluate_number(text);
  if (!value) return;
  value_ = *value;
  text_ = text;
  refresh();
}

void AttackRadius::set_linf(bool linf) {
  linf_ = linf;
  scale_->set_unit(linf ? 1 : 16);
  refresh();
}

QString AttackRadius::problem() const {
  const auto value = evaluate_number(field_->text());
  if (value && *value >= 0 && *value <= (linf_ ? 1 : kLargestL2)) return {};
  return linf_ ? tr("ε is a number from 0 to 1: 8/255 or 0.03.") : tr("ε is a number from 0 to 255.");
}

void AttackRadius::typed() {
  const bool good = problem().isEmpty();
  show_error(!good);
  if (good) {
    value_ = *evaluate_number(field_->text());
    text_ = field_->text().remove(QLatin1Char(' '));
    show_value();
  }
  Q_EMIT changed();
}

void AttackRadius::refresh() {
  const QSignalBlocker blocker(field_);
  field_->setText(text_);
  show_error(false);
  show_value();
}

void AttackRadius::show_error(bool wrong) {
  field_->setProperty("state", wrong ? QStringLiteral("error") : QString());
  field_->style()->unpolish(field_);
  field_->style()->polish(field_);
}

void AttackRadius::show_value() {
  const QSignalBlocker blocker(slider_);
  slider_->setValue(static_cast<int>(std::lround(std::min(value_ / level(), double(kLevels)))));
  decimal_->setText(QStringLiteral("= %1").arg(QString::number(value_, 'f', 4)));
}

}  // namespace mimir
