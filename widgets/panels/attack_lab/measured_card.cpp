#include "widgets/panels/attack_lab/measured_card.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "widgets/format.h"

namespace mimir {

MeasuredCard::MeasuredCard(Theme& theme, QWidget* parent) : Card(theme, tr("Measured"), parent), grid_(new QGridLayout) {
  grid_->setVerticalSpacing(6);
  body()->addLayout(grid_);
  linf_ = add(tr("L∞ distance"), 0);
  l2_ = add(tr("L2 distance"), 1);
  changed_ = add(tr("values changed"), 2);
  at_bound_ = add(tr("values at the bound"), 3);
  zero_ = add(tr("gradient exactly 0"), 4);
}

QLabel* MeasuredCard::add(const QString& name, int row) {
  auto* word = new QLabel(name);
  word->setProperty("role", QStringLiteral("label"));
  auto* number = new QLabel(kMissing);
  number->setProperty("role", QStringLiteral("number"));
  number->setAccessibleName(name);
  grid_->addWidget(word, row, 0);
  grid_->addWidget(number, row, 1, Qt::AlignRight);
  return number;
}

void MeasuredCard::show_iterate(const AttackPath& path, int step, std::optional<double> zero_gradient) {
  const Distance far = distance(path, step);
  linf_->setText(QStringLiteral("%1/255").arg(fixed_text(far.linf * 255, 2)));
  l2_->setText(fixed_text(far.l2, 3));
  changed_->setText(percent_text(far.changed, 1));
  at_bound_->setText(path.linf ? percent_text(far.at_bound, 1) : kMissing);
  zero_->setText(zero_gradient ? percent_text(*zero_gradient, 1) : kMissing);
}

}  // namespace mimir
