#include "widgets/panels/launch/first_start.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include "widgets/form/elided_label.h"
#include "widgets/session/session.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

QLabel* label(const QString& text, const char* role, bool wraps = false) {
  auto* made = new QLabel(text);
  made->setProperty("role", QString::fromLatin1(role));
  made->setWordWrap(wraps);
  return made;
}

/// An icon on a soft square.
class IconTile : public QWidget {
 public:
  IconTile(Theme& theme, const char* picture) : theme_(&theme), picture_(picture) { setFixedSize(36, 36); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(theme_->tokens().accentSoft));
    painter.drawRoundedRect(rect(), size::kControlRadius, size::kControlRadius);
    paint_icon(painter, QRectF(10, 10, 16, 16), picture_, Theme::colour(theme_->tokens().accent));
  }

 private:
  Theme* theme_;
  QLatin1String picture_;
};

/// The sunken middle of a way. Takes a dropped folder where `dropped` is set.
class Well : public QWidget {
 public:
  explicit Well(Theme& theme) : theme_(&theme) { setMinimumHeight(120); }
  std::function<void(const QString&)> dropped;
  void accept_folders() {
    setAcceptDrops(true);
    dashed_ = true;
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Tokens& t = theme_->tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(t.sunken));
    painter.drawRoundedRect(rect(), size::kControlRadius, size::kControlRadius);
    if (!dashed_) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(over_ ? QPen(Theme::colour(t.accent), 2) : QPen(Theme::colour(t.borderStrong), 1, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(12, 12, -12, -12), 4, 4);
  }
  void dragEnterEvent(QDragEnterEvent* event) override {
    if (!folder_of(*event->mimeData()).isEmpty()) event->acceptProposedAction();
    over_ = event->isAccepted();
    update();
  }
  void dragLeaveEvent(QDragLeaveEvent*) override {
    over_ = false;
    update();
  }
  void dropEvent(QDropEvent* event) override {
    over_ = false;
    update();
    event->acceptProposedAction();
    dropped(folder_of(*event->mimeData()));
  }

 private:
  static QString folder_of(const QMimeData& data) {
    const QList<QUrl> urls = data.urls();
    return urls.size() == 1 && QFileInfo(urls.front().toLocalFile()).isDir() ? urls.front().toLocalFile() : QString();
  }

  Theme* theme_;
  bool dashed_ = false;
  bool over_ = false;
};

}  // namespace

FirstStart::FirstStart(Session& session, Program& program, QWidget* parent)
    : QWidget(parent), session_(&session),
      machine_(new MachineCard(session.theme(), program, QString::fromStdString(session.library().workspace().path().string()), this)), recipes_(new Well(session.theme())) {
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(16, 16, 16, 0);
  all->setSpacing(size::kGap);
  auto* heading = new QLabel(tr("Train, attack and look inside robust vision transformers"), this);
  heading->setFont(session.theme().font(FontRole{26, 600, false}));
  heading->setWordWrap(true);
  all->addWidget(heading);
  all->addWidget(label(tr("Everything stays in a folder on this machine. No account, no server, nothing is downloaded."), "secondary", true));
  all->addSpacing(8);

  auto* demo = new Well(session.theme());
  auto* steps = new QVBoxLayout(demo);
  steps->setContentsMargins(24, 16, 24, 16);
  steps->setSpacing(12);
  steps->addStretch(1);
  for (const QString& step : {tr("1  Pre-train a small masked autoencoder on attacked pictures"), tr("2  Fine-tune it against PGD"), tr("3  Evaluate it, natural and attacked")}) {
    steps->addWidget(label(step, "secondary", true));
  }
  steps->addStretch(1);
  new QVBoxLayout(recipes_);
  auto* ways = new QHBoxLayout;
  ways->setSpacing(12);
  ways->addWidget(way("flask", tr("Watch the demo"), tr("minutes on two cores"), tr("Drawn pictures, a very small model, all stages. Curves move within seconds, and every place gets something to show."), demo, tr("Watch the demo"), true), 1);
  ways->addWidget(way("book", tr("Start from a recipe"), tr("most need CIFAR-10 or your own images"), tr("The authors' published settings, or ones sized for a laptop. You choose a data folder; it is checked before anything starts."), recipes_, tr("Choose a recipe…"), false), 1);
  ways->addWidget(way("folder", tr("Open what you have"), tr("nothing is changed in place"), tr("A workspace from elsewhere. It opens in a window of its own."), drop_target(), tr("Open a workspace…"), false), 1);
  all->addLayout(ways, 3);
  auto* below = new QHBoxLayout;
  below->setSpacing(12);
  below->addWidget(machine_, 3);
  below->addWidget(set_once(), 2);
  all->addLayout(below, 2);
}

Card* FirstStart::way(const char* picture, const QString& title, const QString& caption, const QString& text, QWidget* middle, const QString& verb, bool primary) {
  auto* card = new Card(session_->theme(), {}, this);
  card->setAccessibleName(title);
  auto* head = new QHBoxLayout;
  head->setSpacing(12);
  head->addWidget(new IconTile(session_->theme(), picture));
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(label(title, "name"));
  words->addWidget(label(caption, "caption"));
  head->addLayout(words, 1);
  card->body()->addSpacing(4);
  card->body()->addLayout(head);
  card->body()->addWidget(middle, 1);
  auto* words_below = label(text, "secondary", true);
  words_below->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  words_below->setMinimumHeight(2 * words_below->fontMetrics().lineSpacing() + 4);  // the same in all three
  card->body()->addWidget(words_below);
  auto* button = new QPushButton(verb, card);
  button->setAccessibleName(verb);
  if (primary) {
    button->setProperty("kind", QStringLiteral("primary"));
    button->setIcon(icon(session_->theme(), QLatin1String("play"), &Tokens::onAccent));
    connect(button, &QPushButton::clicked, this, &FirstStart::demo_wanted);
  } else if (middle == recipes_) {
    connect(button, &QPushButton::clicked, this, &FirstStart::recipe_wanted);
  } else {
    connect(button, &QPushButton::clicked, this, &FirstStart::choose_workspace);
  }
  card->body()->addWidget(button);
  return card;
}

QWidget* FirstStart::drop_target() {
  auto* well = new Well(session_->theme());
  well->accept_folders();
  well->dropped = [this](const QString& folder) { Q_EMIT workspace_wanted(folder); };
  auto* column = new QVBoxLayout(well);
  auto* words = label(tr("Drop a workspace here"), "heading");
  words->setAlignment(Qt::AlignCenter);
  auto* hint = label(tr("a folder that holds runs/"), "caption");
  hint->setAlignment(Qt::AlignCenter);
  column->addStretch(1);
  column->addWidget(words);
  column->addWidget(hint);
  column->addStretch(1);
  return well;
}

Card* FirstStart::set_once() {
  auto* card = new Card(session_->theme(), tr("Set once"), this);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(size::kGap);
  auto* path = new QLineEdit(QString::fromStdString(session_->library().workspace().path().string()), card);
  path->setReadOnly(true);
  path->setProperty("mono", true);
  path->setAccessibleName(tr("Workspace"));
  grid->addWidget(label(tr("Workspace"), "label"), 0, 0);
  grid->addWidget(path, 0, 1);
  auto* looks = new SegmentedControl(session_->theme(), tr("Appearance"), {tr("Follow the desktop"), tr("Light"), tr("Dark")}, card);
  looks->set_index(static_cast<int>(session_->theme().appearance()));
  connect(looks, &SegmentedControl::chosen, this, [this](int index) { session_->theme().set_appearance(static_cast<Appearance>(index)); });
  grid->addWidget(label(tr("Appearance"), "label"), 1, 0);
  grid->addWidget(looks, 1, 1, Qt::AlignLeft);
  grid->addWidget(label(tr("Keys to begin with"), "heading"), 2, 0, 1, 2);
  int row = 3;
  for (const auto& [keys, meaning] : {std::pair{QStringLiteral("Ctrl+1 … 8"), tr("go to a place")}, {QStringLiteral("Ctrl+Return"), tr("start the run")}, {QStringLiteral("F8"), tr("go to what is wrong in the form")}}) {
    grid->addWidget(label(keys, "caption-number"), row, 0);
    grid->addWidget(label(meaning, "label"), row++, 1);
  }
  grid->setColumnStretch(1, 1);
  card->body()->addLayout(grid);
  card->body()->addStretch(1);
  return card;
}

void FirstStart::set_presets(const std::vector<PresetInfo>& presets) {
  auto* column = qobject_cast<QVBoxLayout*>(recipes_->layout());
  column->setContentsMargins(24, 16, 24, 16);
  column->setSpacing(12);
  column->addStretch(1);
  const std::size_t shown = std::min<std::size_t>(presets.size(), 4);
  for (std::size_t i = 0; i < shown; ++i) {
    auto* title = new ElidedLabel(presets[i].title.isEmpty() ? presets[i].name : presets[i].title, recipes_, Qt::ElideRight);
    title->setProperty("role", QStringLiteral("secondary"));
    column->addWidget(title);
  }
  if (shown < presets.size()) column->addWidget(label(tr("and %n more", nullptr, static_cast<int>(presets.size() - shown)), "caption"));
  column->addStretch(1);
}

void FirstStart::choose_workspace() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a workspace"));
  if (!folder.isEmpty()) Q_EMIT workspace_wanted(folder);
}

void FirstStart::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (asked_) return;
  asked_ = true;
  machine_->ask();
}

}  // namespace mimir
