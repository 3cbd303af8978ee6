#include "widgets/panels/launch/outcome_card.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/form/elided_label.h"
#include "widgets/form/form_section.h"
#include "widgets/form/message_strip.h"
#include "widgets/format.h"
#include "widgets/panels/launch/share_bar.h"
#include "widgets/session/program.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr std::size_t kDifferences = 8;  ///< rows at most
constexpr int kCommandHeight = 104;

QLabel* label(const QString& text, const char* role) {
  auto* made = new QLabel(text);
  made->setProperty("role", QString::fromLatin1(role));
  return made;
}

/// 24 800, with narrow spaces.
QString grouped(std::int64_t count) {
  QString digits = QString::number(count);
  for (qsizetype i = digits.size() - 3; i > 0; i -= 3) digits.insert(i, QChar(0x202F));
  return digits;
}

/// A layout cannot be emptied in place without its widgets lingering until the event loop: take a new one.
QVBoxLayout* cleared(QWidget* box) {
  for (QWidget* child : box->findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
    child->hide();
    child->deleteLater();
  }
  delete box->layout();
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  return column;
}

}  // namespace

OutcomeCard::OutcomeCard(Theme& theme, QWidget* parent)
    : Card(theme, tr("What will happen"), parent), theme_(&theme), stages_(new QWidget(this)), basis_(new QLabel(this)),
      measure_(new QPushButton(this)), measuring_failure_(new MessageStrip(theme, this)), differences_(new QWidget(this)), base_(new ElidedLabel({}, this)), shown_command_(new QPlainTextEdit(this)), name_(new QLineEdit(this)),
      start_(new QPushButton(tr("Start"), this)), failure_(new MessageStrip(theme, this)) {
  basis_->setProperty("role", QStringLiteral("caption"));
  basis_->setWordWrap(true);
  body()->addWidget(stages_);
  body()->addWidget(basis_);
  measure_->setProperty("compact", true);
  measure_->setAutoDefault(false);
  header()->addWidget(measure_);
  measuring_failure_->hide();
  body()->addWidget(measuring_failure_);
  body()->addSpacing(4);
  base_->setProperty("role", QStringLiteral("heading"));
  body()->addWidget(base_);
  body()->addWidget(differences_);
  body()->addStretch(1);

  auto* command_row = new QHBoxLayout;
  command_row->addWidget(heading(tr("Command")));
  command_row->addStretch(1);
  auto* copy = new QToolButton(this);
  copy->setIcon(icon(theme, QLatin1String("copy")));
  copy->setToolTip(tr("Copy the command"));
  copy->setAccessibleName(tr("Copy the command"));
  copy->setFocusPolicy(Qt::StrongFocus);
  connect(copy, &QToolButton::clicked, this, &OutcomeCard::copy_command);
  command_row->addWidget(copy);
  body()->addLayout(command_row);
  shown_command_->setReadOnly(true);
  shown_command_->setProperty("mono", true);
  shown_command_->setAccessibleName(tr("Command of the run"));
  shown_command_->setFixedHeight(kCommandHeight);
  shown_command_->setTabChangesFocus(true);
  shown_command_->setWordWrapMode(QTextOption::WrapAnywhere);
  body()->addWidget(shown_command_);

  auto* name_row = new QHBoxLayout;
  name_row->setSpacing(size::kGap);
  name_row->addWidget(label(tr("Name"), "label"));
  name_->setAccessibleName(tr("Name of the run"));
  name_row->addWidget(name_, 1);
  body()->addLayout(name_row);
  failure_->hide();
  body()->addWidget(failure_);
  start_->setProperty("kind", QStringLiteral("primary"));
  start_->setIcon(icon(theme, QLatin1String("play"), &Tokens::onAccent));
  start_->setAccessibleName(tr("Start the run"));
  body()->addWidget(start_);
  set_obstacle({});
  show_measuring({}, tr("Measure on this machine"));
}

QLabel* OutcomeCard::heading(const QString& text) { return label(text, "heading"); }

void OutcomeCard::show_outlook(const Outlook& outlook) {
  QVBoxLayout* column = cleared(stages_);
  const auto& stages = outlook.stages;
  double longest = 0, total = 0;
  bool known = !stages.empty();
  for (const PlannedStage& stage : stages) {
    longest = std::max(longest, stage.seconds.value_or(0));
    total += stage.seconds.value_or(0);
    known = known && stage.seconds;
  }
  for (const PlannedStage& stage : stages) {
    auto* row = new QHBoxLayout;
    row->setSpacing(size::kGap);
    row->addWidget(heading(FormSection::title(stage.name)));
    QStringList facts;
    if (stage.epochs) facts << (*stage.epochs == 1 ? tr("1 epoch") : tr("%1 epochs").arg(grouped(*stage.epochs)));
    if (stage.steps) facts << tr("%1 steps").arg(grouped(*stage.steps));
    if (stage.images) facts << (*stage.images == 0 ? tr("all images") : tr("%1 images").arg(grouped(*stage.images)));
    row->addWidget(label(facts.join(QStringLiteral(" · ")), "caption"));
    row->addStretch(1);
    row->addWidget(stage.seconds ? label(duration_text(*stage.seconds), "number") : label(tr("time unknown"), "caption"));
    column->addLayout(row);
    auto* bar = new ShareBar(*theme_);
    bar->set_share(stage.seconds && longest > 0 ? *stage.seconds / longest : 0);
    column->addWidget(bar);
    column->addSpacing(4);
  }
  const auto fact = [&](const QString& name, const QString& value) {
    auto* row = new QHBoxLayout;
    row->addWidget(label(name, "label"));
    row->addStretch(1);
    row->addWidget(label(value, "number"));
    column->addLayout(row);
  };
  if (stages.empty()) column->addWidget(label(tr("No stage is switched on: nothing would run."), "caption"));
  if (known) fact(tr("in all"), tr("about %1").arg(duration_text(total)));
  if (outlook.memory) fact(tr("memory"), outlook.memory_total > 0 ? tr("%1 of %2").arg(size_text(*outlook.memory), size_text(outlook.memory_total)) : size_text(*outlook.memory));
  if (outlook.disk) fact(tr("disk"), outlook.disk_free ? tr("%1 of %2 free").arg(size_text(*outlook.disk), size_text(*outlook.disk_free)) : size_text(*outlook.disk));
  basis_text_ = outlook.basis;
  show_basis();
}

void OutcomeCard::show_basis() {
  const QString& text = doing_.isEmpty() ? basis_text_ : doing_;
  basis_->setText(text);
  basis_->setVisible(!text.isEmpty());
}

void OutcomeCard::show_measuring(const QString& doing, const QString& verb, const QString& obstacle) {
  doing_ = doing;
  show_basis();
  set_busy(starting_ || !doing_.isEmpty());
  measure_->setText(verb);
  measure_->setAccessibleName(verb);
  measure_->setEnabled(obstacle.isEmpty());
  measure_->setToolTip(!obstacle.isEmpty() ? obstacle
                       : doing_.isEmpty() ? tr("Some seconds of each stage with the recipe's data, to tell how long the whole will take. It makes no run and touches none.")
                                          : tr("Stop measuring; what was known before stays"));
}

void OutcomeCard::show_measuring_failure(const QString& sentence) {
  if (!sentence.isEmpty()) measuring_failure_->show_message(Tone::danger, QLatin1String("error"), tr("It could not be measured: %1").arg(sentence));
  measuring_failure_->setVisible(!sentence.isEmpty());
}

void OutcomeCard::show_differences(const FormModel& model) {
  const RecipeDraft& draft = model.draft();
  const QString base = draft.base.section(QLatin1Char('/'), -1) == QLatin1String("recipe.toml") ? draft.base.section(QLatin1Char('/'), -2, -2) : draft.base.section(QLatin1Char('/'), -1);
  base_->set_full_text(tr("Differs from %1").arg(base));
  QVBoxLayout* column = cleared(differences_);
  std::vector<std::pair<QString, QString>> rows;
  for (const auto& [stage, present] : draft.stages) rows.emplace_back(stage, present ? tr("off › on") : tr("on › off"));
  for (const FieldSchema& field : model.schema().fields) {
    if (!model.changed(field.path())) continue;
    const QString before = draft.base_text(field);
    rows.emplace_back(field.path(), (before.isEmpty() ? tr("none") : before) + QStringLiteral(" › ") + draft.text(field));
  }
  if (rows.empty()) column->addWidget(label(tr("Nothing: it runs as it is."), "caption"));
  const std::size_t shown = rows.size() > kDifferences ? kDifferences - 1 : rows.size();
  for (std::size_t i = 0; i < shown; ++i) {
    auto* row = new QHBoxLayout;
    row->setSpacing(size::kGap);
    auto* key = new ElidedLabel(rows[i].first);
    key->setProperty("role", QStringLiteral("label"));
    auto* change = new ElidedLabel(rows[i].second);
    change->setProperty("role", QStringLiteral("number"));
    change->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(key, 1);
    row->addWidget(change, 1);
    column->addLayout(row);
  }
  if (shown < rows.size()) column->addWidget(label(tr("and %n more", nullptr, static_cast<int>(rows.size() - shown)), "caption"));
}

void OutcomeCard::show_command(const QStringList& words) {
  command_ = shell_line(words);
  QString shown;
  for (qsizetype i = 0; i < words.size(); ++i) {
    if (i > 0) shown += words[i].startsWith(QLatin1String("--")) ? QStringLiteral(" \\\n  ") : QStringLiteral(" ");
    shown += shell_line({words[i]});
  }
  if (shown != shown_command_->toPlainText()) shown_command_->setPlainText(shown);
}

void OutcomeCard::set_obstacle(const QString& sentence) {
  startable_ = sentence.isEmpty();
  start_->setEnabled(startable_);
  start_->setToolTip(startable_ ? tr("Start (Ctrl+Return). The run goes on when the window is closed.") : sentence);
}

void OutcomeCard::set_starting(bool starting) {
  starting_ = starting;
  set_busy(starting_ || !doing_.isEmpty());
  start_->setEnabled(startable_ && !starting);
  start_->setText(starting ? tr("Starting…") : tr("Start"));
}

void OutcomeCard::show_failure(const QString& message, const QString& last_lines) {
  failure_->show_message(Tone::danger, QLatin1String("error"), tr("It did not start: %1").arg(message), last_lines == message ? QString() : last_lines);
  failure_->show();
}

void OutcomeCard::hide_failure() { failure_->hide(); }

void OutcomeCard::copy_command() { QGuiApplication::clipboard()->setText(command_); }

}  // namespace mimir
