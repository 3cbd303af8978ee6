#include "widgets/panels/launch/machine_card.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QToolButton>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "widgets/form/elided_label.h"
#include "widgets/format.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

QString value_of(const nlohmann::json& check) {
  const auto found = check.find("value");
  if (found == check.end() || found->is_null()) return {};
  QString value;
  if (found->is_array()) {
    QStringList parts;
    for (const nlohmann::json& part : *found) parts << QString::fromStdString(part.is_string() ? part.get<std::string>() : part.dump());
    value = parts.join(QStringLiteral(", "));
  } else if (found->is_string()) {
    value = QString::fromStdString(found->get<std::string>());
  } else {
    value = QString::fromStdString(found->is_number() ? format_number(found->get<double>()) : found->dump());
  }
  const std::string unit = check.value("unit", std::string("1"));
  return unit == "1" || unit == "path" ? value : value + QLatin1Char(' ') + QString::fromStdString(unit);
}

class StateIcon : public QWidget {
 public:
  StateIcon(Theme& theme, const std::string& state) : theme_(&theme), tone_(state == "ok" ? Tone::ok : state == "warning" ? Tone::warning : Tone::danger) {
    setFixedSize(14, 14);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const char* name = tone_ == Tone::ok ? "ok" : tone_ == Tone::warning ? "warning" : "error";
    paint_icon(painter, rect(), QLatin1String(name), tone_colour(*theme_, tone_));
  }

 private:
  Theme* theme_;
  Tone tone_;
};

}  // namespace

MachineCard::MachineCard(Theme& theme, Program& program, QString workspace, QWidget* parent)
    : Card(theme, tr("This machine"), parent), theme_(&theme), program_(&program), workspace_(std::move(workspace)), rows_(new QWidget) {
  set_caption(QStringLiteral("mimir doctor"));
  const auto add = [&](const char* picture, const QString& verb, auto slot) {
    auto* button = new QToolButton(this);
    button->setIcon(icon(theme, QLatin1String(picture)));
    button->setToolTip(verb);
    button->setAccessibleName(verb);
    button->setFocusPolicy(Qt::StrongFocus);
    connect(button, &QToolButton::clicked, this, slot);
    header()->addWidget(button);
  };
  add("copy", tr("Copy what was found"), [this] { QGuiApplication::clipboard()->setText(text_); });
  add("undo", tr("Look again"), [this] { ask(); });
  rows_->setProperty("ground", QStringLiteral("none"));
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(rows_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setAccessibleName(tr("What was found of this machine"));
  body()->addWidget(scroll);
  show_sentence(tr("Looking…"));
}

void MachineCard::ask() {
  set_busy(true);
  asking_ = true;
  program_->ask({QStringLiteral("doctor"), QStringLiteral("--workspace"), workspace_}, this, [this](const Expected<nlohmann::json>& report) {
    set_busy(false);
    asking_ = false;
    if (!report) show_sentence(sentence_text(report.error().message));
    else if (!report->is_object() || !report->contains("checks")) show_sentence(tr("mimir doctor gave no list of checks."));
    else show_checks(*report);
  });
}

void MachineCard::show_checks(const nlohmann::json& report) {
  clear();
  auto* grid = new QGridLayout(rows_);
  grid->setContentsMargins(0, 0, 8, 0);
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(8);
  QStringList lines;
  int row = 0;
  for (const nlohmann::json& check : report["checks"]) {
    const std::string state = check.value("state", std::string("problem"));
    const QString name = QString::fromStdString(check.value("label", std::string())), value = value_of(check);
    const QString cure = QString::fromStdString(check.value("cure", std::string()));
    auto* heading = new QLabel(name);
    heading->setProperty("role", QStringLiteral("heading"));
    auto* found = new ElidedLabel(value);
    found->setProperty("role", QStringLiteral("label"));
    auto* advice = new ElidedLabel(cure, nullptr, Qt::ElideRight);
    advice->setProperty("role", QStringLiteral("caption"));
    advice->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* picture = new StateIcon(*theme_, state);
    picture->setAccessibleName(QString::fromStdString(state));
    grid->addWidget(picture, row, 0);
    grid->addWidget(heading, row, 1);
    grid->addWidget(found, row, 2);
    grid->addWidget(advice, row, 3);
    grid->setRowMinimumHeight(row++, 24);
    lines << QStringLiteral("%1: %2 (%3)%4").arg(name, value, QString::fromStdString(state), cure.isEmpty() ? QString() : QStringLiteral(", ") + cure);
  }
  grid->setColumnStretch(2, 2);
  grid->setColumnStretch(3, 1);
  grid->setRowStretch(row, 1);
  text_ = lines.join(QLatin1Char('\n'));
}

void MachineCard::show_sentence(const QString& sentence) {
  clear();
  auto* row = new QHBoxLayout(rows_);
  row->setContentsMargins(0, 0, 0, 0);
  auto* label = new QLabel(sentence);
  label->setProperty("role", QStringLiteral("secondary"));
  label->setWordWrap(true);
  label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  row->addWidget(label);
  text_ = sentence;
}

void MachineCard::clear() {
  for (QWidget* child : rows_->findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
    child->hide();
    child->deleteLater();
  }
  delete rows_->layout();
}

}  // namespace mimir
