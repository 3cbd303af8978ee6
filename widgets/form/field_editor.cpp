#include "widgets/form/field_editor.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QStyle>
#include <QToolButton>
#include <cmath>

#include "widgets/form/number_text.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kControlWidth = 112;
constexpr int kChoiceWidth = 150;  ///< a choice has no unit beside it

/// A whole number as text, so that arithmetic can be typed; arrows step by one within the range.
class WholeNumberEdit : public QAbstractSpinBox {
 public:
  WholeNumberEdit(const Parameter& parameter, QWidget* parent) : QAbstractSpinBox(parent), parameter_(parameter) {}
  QLineEdit* line() const { return lineEdit(); }

  QValidator::State validate(QString&, int&) const override { return QValidator::Acceptable; }
  void stepBy(int steps) override {
    const auto value = evaluate_number(lineEdit()->text());
    if (!value) return;
    double next = std::round(*value) + steps;
    if (parameter_.minimum) next = std::max(next, *parameter_.minimum);
    if (parameter_.maximum) next = std::min(next, *parameter_.maximum);
    lineEdit()->setText(QString::number(static_cast<qlonglong>(next)));
  }

 protected:
  StepEnabled stepEnabled() const override {
    const auto value = evaluate_number(lineEdit()->text());
    if (!value) return StepNone;
    StepEnabled enabled = StepNone;
    if (!parameter_.minimum || *value > *parameter_.minimum) enabled |= StepDownEnabled;
    if (!parameter_.maximum || *value < *parameter_.maximum) enabled |= StepUpEnabled;
    return enabled;
  }

 private:
  Parameter parameter_;
};

}  // namespace

FieldEditor::FieldEditor(Theme& theme, const FieldSchema& field, QWidget* parent) : QWidget(parent), field_(field) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  const Parameter& p = field.parameter;
  switch (p.type) {
    case ParameterType::boolean: make_combo(theme, {QStringLiteral("true"), QStringLiteral("false")}); break;
    case ParameterType::choice: {
      QStringList choices;
      for (const std::string& choice : p.choices) choices << QString::fromStdString(choice);
      make_combo(theme, choices);
      break;
    }
    case ParameterType::integer: {
      auto* spin = new WholeNumberEdit(p, this);
      spin->setFont(theme.font(font::kNumber));
      spin->setFixedWidth(kControlWidth);
      spin_ = spin;
      line_ = spin->line();
      row->addWidget(spin);
      setFocusProxy(spin);
      break;
    }
    case ParameterType::number: make_line(theme, true); break;
    case ParameterType::text: make_line(theme, false); break;
    case ParameterType::list: make_line(theme, true); break;
    case ParameterType::path:
      make_line(theme, true);
      add_browse(theme);
      break;
  }
  wide_ = p.type == ParameterType::text || p.type == ParameterType::list || p.type == ParameterType::path;
  if (line_ && !spin_ && !wide_) line_->setFixedWidth(kControlWidth);
  if (line_) {
    line_->installEventFilter(this);
    connect(line_, &QLineEdit::textChanged, this, &FieldEditor::typed);
    connect(line_, &QLineEdit::editingFinished, this, &FieldEditor::finished);
  }
  for (QWidget* control : {static_cast<QWidget*>(combo_), static_cast<QWidget*>(spin_), static_cast<QWidget*>(line_)}) {
    if (!control) continue;
    if (control != line_ || !spin_) control->setFixedHeight(size::kField);
    control->setAccessibleName(field.path());
    control->setAccessibleDescription(QString::fromStdString(p.help));
  }
  if (spin_) spin_->installEventFilter(this);
}

void FieldEditor::make_combo(Theme& theme, const QStringList& choices) {
  combo_ = new QComboBox(this);
  combo_->addItems(choices);
  combo_->setFixedWidth(kChoiceWidth);
  combo_->setFont(theme.font(font::kLabel));
  combo_->setFocusPolicy(Qt::StrongFocus);
  combo_->installEventFilter(this);
  layout()->addWidget(combo_);
  setFocusProxy(combo_);
  connect(combo_, &QComboBox::currentTextChanged, this, [this](const QString& text) {
    Q_EMIT typed(text);
    Q_EMIT finished();
  });
}

void FieldEditor::make_line(Theme&, bool mono) {
  line_ = new QLineEdit(this);
  if (mono) line_->setProperty("mono", true);
  layout()->addWidget(line_);
  setFocusProxy(line_);
}

void FieldEditor::add_browse(Theme& theme) {
  auto* button = new QToolButton(this);
  button->setIcon(icon(theme, QLatin1String("folder")));
  button->setAccessibleName(tr("Browse for %1").arg(field_.path()));
  button->setToolTip(tr("Browse…"));
  button->setFocusPolicy(Qt::StrongFocus);
  layout()->addWidget(button);
  connect(button, &QToolButton::clicked, this, &FieldEditor::browse);
}

void FieldEditor::browse() {
  // A data set is a folder; a checkpoint is a file.
  const bool folder = field_.section() == QLatin1String("data");
  const QString chosen = folder ? QFileDialog::getExistingDirectory(this, tr("Folder of the data set"), line_->text())
                                : QFileDialog::getOpenFileName(this, tr("Checkpoint"), line_->text(), tr("Weights (*.safetensors)"));
  if (chosen.isEmpty()) return;
  line_->setText(chosen);
  Q_EMIT finished();
}

QString FieldEditor::text() const { return combo_ ? combo_->currentText() : line_->text(); }

void FieldEditor::set_text(const QString& text) {
  if (text == this->text()) return;
  const QSignalBlocker quiet(this);
  if (!combo_) {
    line_->setText(text);
    return;
  }
  // A value that is none of the choices is shown nevertheless: the message beside it says what is wrong.
  int index = combo_->findText(text);
  if (index < 0) {
    combo_->addItem(text);
    index = combo_->count() - 1;
  }
  combo_->setCurrentIndex(index);
}

void FieldEditor::set_error(bool error) {
  const QVariant state = error ? QVariant(QStringLiteral("error")) : QVariant();
  for (QWidget* control : {static_cast<QWidget*>(combo_), static_cast<QWidget*>(spin_), static_cast<QWidget*>(line_)}) {
    if (!control || control->property("state") == state) continue;
    control->setProperty("state", state);
    control->style()->unpolish(control);
    control->style()->polish(control);
    control->update();
  }
}

bool FieldEditor::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::Wheel:
      event->ignore();
      return true;
    case QEvent::ShortcutOverride: {
      const auto* key = static_cast<QKeyEvent*>(event);
      const bool control = key->modifiers() & Qt::ControlModifier;
      if (!control || (key->key() != Qt::Key_Z && key->key() != Qt::Key_Y)) break;  // undo and redo, in each spelling
      event->ignore();
      return true;
    }
    case QEvent::FocusIn:
      Q_EMIT focused();
      break;
    default: break;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace mimir
