#include "widgets/panels/attack_lab/transfer_table.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/form/elided_label.h"
#include "widgets/format.h"

namespace mimir {

TransferTable::TransferTable(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme), problem_(new QLabel) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 0);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(4);
  const QStringList heads{tr("clean"), tr("crafted on 1"), tr("crafted on 2")};
  for (int c = 0; c < 3; ++c) {
    auto* head = new QLabel(heads[c]);
    head->setProperty("role", QStringLiteral("caption"));
    grid->addWidget(head, 0, c + 1);
  }
  for (int r = 0; r < 2; ++r) {
    auto* name = new ElidedLabel;
    name->setProperty("role", QStringLiteral("label"));
    names_[r] = name;
    grid->addWidget(name, r + 1, 0);
    for (int c = 0; c < 3; ++c) {
      cells_[r][c] = new QLabel(kMissing);
      cells_[r][c]->setFont(theme.font(font::kCaptionNumber));
      cells_[r][c]->setTextFormat(Qt::RichText);
      grid->addWidget(cells_[r][c], r + 1, c + 1);
    }
  }
  grid->setColumnStretch(0, 1);
  problem_->setProperty("role", QStringLiteral("caption"));
  problem_->setWordWrap(true);
  problem_->hide();
  column->addLayout(grid);
  column->addWidget(problem_);
}

void TransferTable::set_models(const QString& first, const QString& second) {
  static_cast<ElidedLabel*>(names_[0])->set_full_text(tr("1 %1").arg(first));
  static_cast<ElidedLabel*>(names_[1])->set_full_text(tr("2 %1").arg(second));
}

void TransferTable::say(int row, int column, const std::vector<float>& probabilities, const std::function<QString(int)>& name, int label) {
  QLabel* cell = cells_[row][column];
  if (probabilities.empty()) return cell->setText(kMissing);
  const auto top = std::max_element(probabilities.begin(), probabilities.end());
  const int says = static_cast<int>(top - probabilities.begin());
  const bool right = says == label;
  const QColor colour = Theme::colour(right ? theme_->tokens().ok : theme_->tokens().danger);
  cell->setText(QStringLiteral("<span style='color:%1'>%2</span> %3 %4").arg(colour.name(), right ? QStringLiteral("✓") : QStringLiteral("✗"), name(says).toHtmlEscaped(), fixed_text(*top, 2)));
  cell->setAccessibleName(tr("%1, %2").arg(name(says), right ? tr("right") : tr("wrong")));
}

void TransferTable::show_first(const AttackResult& result) {
  problem_->hide();
  const AttackPath& kept = result.restarts[static_cast<std::size_t>(result.best)];
  const auto name = [&](int index) { return result.class_name(index); };
  say(0, 0, result.clean_probabilities, name, kept.label);
  say(0, 1, kept.probabilities.back(), name, kept.label);
  say(1, 0, result.transfer_clean, name, kept.label);
  say(1, 1, result.transfer_adversarial, name, kept.label);
}

void TransferTable::show_second(const WorkerAnswer* answer, const std::vector<QString>& classes, int label) {
  const auto name = [&](int index) { return index >= 0 && static_cast<std::size_t>(index) < classes.size() ? classes[static_cast<std::size_t>(index)] : tr("class %1").arg(index); };
  const auto of = [&](const char* array) {
    const auto found = answer ? answer->arrays.find(array) : NamedArrays::const_iterator();
    return answer && found != answer->arrays.end() && found->second.dtype == Dtype::f32 ? softmax(found->second.as<float>()) : std::vector<float>();
  };
  say(1, 2, of("adversarial_logits"), name, label);
  say(0, 2, of("transfer_adversarial_logits"), name, label);
}

void TransferTable::show_problem(const QString& sentence) {
  problem_->setText(sentence);
  problem_->setVisible(!sentence.isEmpty());
  for (int r = 0; r < 2; ++r) {
    for (int c = 0; c < 3; ++c) {
      if (r == 1 || c == 2) cells_[r][c]->setText(kMissing);
    }
  }
}

}  // namespace mimir
