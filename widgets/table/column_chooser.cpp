#include "widgets/table/column_chooser.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace mimir {
namespace {

constexpr QSize kSize(340, 420);

QString label(const RunColumn& column) {
  const QString title = column.title().isEmpty() ? column.explanation() : column.title();
  if (column.kind == ColumnKind::curve) return ColumnChooser::tr("curve of %1").arg(QString::fromStdString(column.key));
  return column.key.empty() ? title : QString::fromStdString(column.key);
}

}  // namespace

ColumnChooser::ColumnChooser(std::vector<RunColumn> possible, const std::vector<RunColumn>& shown, QWidget* parent)
    : QFrame(parent, Qt::Popup), possible_(std::move(possible)), field_(new QLineEdit(this)), list_(new QListWidget(this)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setFrameShape(QFrame::StyledPanel);
  setAccessibleName(tr("Columns"));
  resize(kSize);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 12, 12, 12);
  layout->setSpacing(8);
  field_->setPlaceholderText(tr("Find a column"));
  field_->setAccessibleName(tr("Find a column"));
  field_->setClearButtonEnabled(true);
  layout->addWidget(field_);

  auto* presets = new QHBoxLayout;
  presets->setSpacing(8);
  const std::pair<QString, ColumnPreset> kinds[] = {
      {tr("Essentials"), ColumnPreset::essentials}, {tr("Recipe"), ColumnPreset::recipe}, {tr("Everything"), ColumnPreset::everything}};
  for (const auto& [text, preset] : kinds) {
    auto* button = new QPushButton(text, this);
    button->setProperty("compact", true);
    connect(button, &QPushButton::clicked, this, [this, preset = preset] {
      Q_EMIT preset_wanted(preset);
      close();
    });
    presets->addWidget(button);
  }
  presets->addStretch();
  layout->addLayout(presets);

  list_->setAccessibleName(tr("Columns"));
  list_->setUniformItemSizes(true);
  for (const RunColumn& column : possible_) {
    auto* item = new QListWidgetItem(label(column), list_);
    item->setToolTip(column.explanation());
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
    item->setCheckState(std::find(shown.begin(), shown.end(), column) == shown.end() ? Qt::Unchecked : Qt::Checked);
  }
  layout->addWidget(list_, 1);
  connect(list_, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
    Q_EMIT toggled(possible_[static_cast<std::size_t>(list_->row(item))], item->checkState() == Qt::Checked);
  });
  connect(field_, &QLineEdit::textChanged, this, &ColumnChooser::search);
  field_->setFocus();
}

void ColumnChooser::search(const QString& text) {
  for (int row = 0; row < list_->count(); ++row) {
    QString words = list_->item(row)->text() + QLatin1Char(' ') + possible_[static_cast<std::size_t>(row)].title();
    words.replace(QLatin1Char('_'), QLatin1Char(' '));
    QString wanted = text.trimmed();
    list_->item(row)->setHidden(!words.contains(wanted.replace(QLatin1Char('_'), QLatin1Char(' ')), Qt::CaseInsensitive));
  }
}

}  // namespace mimir
