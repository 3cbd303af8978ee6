#include "widgets/panels/launch/launch_panel.h"

#include <QAction>
#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QLocale>
#include <QMessageBox>
#include <QMimeData>
#include <QProcess>
#include <QPushButton>
#include <QSaveFile>
#include <QStackedLayout>
#include <QUrl>
#include <algorithm>

#include "core/base/schema.h"
#include "widgets/form/recipe_form.h"
#include "widgets/panels/launch/first_start.h"
#include "widgets/session/run_words.h"
#include "widgets/session/session.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kRecipesWidth = 250;
constexpr int kOutcomeWidth = 356;
constexpr int kCheckAfterMs = 150;
constexpr int kKeepAfterMs = 300;
constexpr std::size_t kRecentRuns = 6;

QString day_of(const QDateTime& time) {
  const qint64 days = time.date().daysTo(QDate::currentDate());
  if (days == 0) return LaunchPanel::tr("today %1").arg(time.toString(QStringLiteral("HH:mm")));
  if (days == 1) return LaunchPanel::tr("yesterday");
  return QLocale().toString(time.date(), QLocale::ShortFormat);
}

QWidget* make(Session& session) { return new LaunchPanel(session); }

[[maybe_unused]] const bool registered = add_panel({"launch", QT_TR_NOOP("Launch"), "launch", 1, make});

}  // namespace

LaunchPanel::LaunchPanel(Session& session, QWidget* parent)
    : QWidget(parent), session_(&session), disk_(session.library().workspace().path()), pages_(new QStackedLayout(this)),
      waiting_(new EmptyState(session.theme(), QLatin1String("launch"), tr("Reading the recipes"), tr("The program mimir is asked what it can do."), this)),
      first_(new FirstStart(session, program_, this)), columns_(new QWidget(this)), recipes_(new RecipeList(session.theme(), columns_)) {
  setAcceptDrops(true);
  pages_->addWidget(waiting_);
  pages_->addWidget(first_);
  pages_->addWidget(columns_);
  auto* row = new QHBoxLayout(columns_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(size::kGap);
  auto* list = new Card(session.theme(), tr("Recipes"), columns_);
  list->setFixedWidth(kRecipesWidth);
  list->body()->addWidget(recipes_);
  row->addWidget(list);

  keeping_.setSingleShot(true);
  keeping_.setInterval(kKeepAfterMs);
  checking_.setSingleShot(true);
  checking_.setInterval(kCheckAfterMs);
  connect(&keeping_, &QTimer::timeout, this, &LaunchPanel::keep_draft);
  connect(&checking_, &QTimer::timeout, this, &LaunchPanel::check);
  connect(recipes_, &RecipeList::chosen, this, &LaunchPanel::choose);
  connect(first_, &FirstStart::demo_wanted, this, &LaunchPanel::watch_demo);
  connect(first_, &FirstStart::recipe_wanted, this, [this] {
    part_.clear();
    pages_->setCurrentWidget(columns_);
    recipes_->setFocus();
  });
  connect(first_, &FirstStart::workspace_wanted, this, &LaunchPanel::open_workspace);
  connect(&session.library(), &RunLibrary::runs_changed, this, [this] {
    if (!model_) return;
    fill_recipes();
    show_outcome();
    if (at_first_start() && part_.isEmpty() && !session_->library().runs().empty()) pages_->setCurrentWidget(columns_);
  });
  connect(&session, &Session::run_again_wanted, this, [this](const QString& id, const QString& parameter) {
    again_ = {id, parameter};
    if (model_) show_again();
  });
  connect(&disk_, &DiskUse::changed, this, [this] {
    if (model_) show_outcome();
  });
  make_actions();
  ask_program();
}

void LaunchPanel::show_part(const QString& part) {
  part_ = part == QLatin1String("first-start") ? part : QString();
  if (!model_) {
    part_ = part;
    return;
  }
  if (part == QLatin1String("first-start")) pages_->setCurrentWidget(first_);
  if (part != QLatin1String("new-draft")) return;
  pages_->setCurrentWidget(columns_);
  const PresetInfo& preset = model_->schema().preset(QStringLiteral("demo")) ? *model_->schema().preset(QStringLiteral("demo")) : model_->schema().presets.front();
  choose(RecipeList::Kind::preset, preset.name);
  recipes_->set_current(RecipeList::Kind::preset, preset.name);
  outcome_->name().setFocus(Qt::ShortcutFocusReason);
  outcome_->name().selectAll();
}

bool LaunchPanel::settled() const { return !asking_ && !check_ && !(at_first_start() && first_->asking()); }

bool LaunchPanel::at_first_start() const { return pages_->currentWidget() == first_; }

void LaunchPanel::make_actions() {
  const auto add = [this](const QString& text, const QKeySequence& keys, auto slot) {
    auto* action = new QAction(text, this);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, slot);
    addAction(action);
    return action;
  };
  open_ = add(tr("Open recipe…"), {}, [this] {
    const QString file = QFileDialog::getOpenFileName(this, tr("Open recipe"), {}, tr("Recipes (*.toml)"));
    if (!file.isEmpty()) open_recipe(file);
  });
  open_->setIcon(icon(session_->theme(), QLatin1String("folder")));
  save_ = add(tr("Save as…"), {}, &LaunchPanel::save_recipe);
  save_->setIcon(icon(session_->theme(), QLatin1String("export")));
  save_->setEnabled(false);
  add(tr("Start"), QKeySequence(QStringLiteral("Ctrl+Return")), &LaunchPanel::start);
  add(tr("Undo"), QKeySequence::Undo, [this] {
    if (model_) model_->undo_stack().undo();
  });
  auto* redo = add(tr("Redo"), {}, [this] {
    if (model_) model_->undo_stack().redo();
  });
  redo->setShortcuts({QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))});
  add(tr("Find a parameter"), QKeySequence::Find, [this] {
    if (form_) form_->focus_search();
  });
  auto* remove = new QAction(tr("Delete draft…"), recipes_);
  remove->setShortcut(QKeySequence::Delete);
  remove->setShortcutContext(Qt::WidgetShortcut);
  connect(remove, &QAction::triggered, this, &LaunchPanel::remove_draft);
  recipes_->addAction(remove);
  recipes_->setContextMenuPolicy(Qt::ActionsContextMenu);
}

void LaunchPanel::ask_program() {
  program_.describe(this, [this](const Expected<nlohmann::json>& description) {
    asking_ = false;
    auto schema = description ? parse_form_schema(*description) : Expected<FormSchema>(tl::unexpected(description.error()));
    if (schema && schema->presets.empty()) schema = fail(ErrorCode::input, "mimir knows no preset: its folder of recipes is missing (`mimir doctor` says where it looks).");
    if (schema) {
      build(std::move(*schema));
    } else {
      waiting_->set_text(tr("No recipes"), QString::fromStdString(schema.error().message));
      pages_->setCurrentWidget(waiting_);
    }
  });
}

void LaunchPanel::build(FormSchema schema) {
  const PresetInfo first = schema.preset(QStringLiteral("demo")) ? *schema.preset(QStringLiteral("demo")) : schema.presets.front();
  auto draft = open_draft(first.name, first.path);
  if (!draft) {
    waiting_->set_text(tr("No recipes"), QString::fromStdString(draft.error().message));
    return;
  }
  first_->set_presets(schema.presets);
  model_ = new FormModel(std::move(schema), std::move(*draft), this);
  form_ = new RecipeForm(session_->theme(), *model_, columns_);
  outcome_ = new OutcomeCard(session_->theme(), columns_);  // after the form: Tab goes on as one reads
  outcome_->setFixedWidth(kOutcomeWidth);
  auto* row = static_cast<QHBoxLayout*>(columns_->layout());
  row->addWidget(form_, 1);
  row->addWidget(outcome_);
  connect(&outcome_->start(), &QPushButton::clicked, this, &LaunchPanel::start);
  connect(&outcome_->name(), &QLineEdit::textEdited, this, [this] {
    if (!draft_id_.isEmpty()) keeping_.start();
    outcome_->show_command(command());
  });
  connect(form_, &RecipeForm::view_changed, this, &LaunchPanel::keep_view);
  connect(model_, &FormModel::edited, this, &LaunchPanel::edited);
  connect(model_, &FormModel::problems_changed, this, &LaunchPanel::show_outcome);
  save_->setEnabled(true);
  outcome_->name().setText(first.name);
  fill_recipes();
  recipes_->set_current(RecipeList::Kind::preset, first.name);
  check();
  show_outcome();
  restore_view();
  const bool nothing = session_->library().runs().empty() && drafts_.list().empty();
  pages_->setCurrentWidget(nothing ? static_cast<QWidget*>(first_) : columns_);
  if (!part_.isEmpty()) show_part(part_);
  show_again();
}

void LaunchPanel::fill_recipes() {
  using Kind = RecipeList::Kind;
  std::vector<RecipeList::Item> items;
  items.push_back({Kind::heading, {}, tr("Presets"), {}, {}});
  for (const PresetInfo& preset : model_->schema().presets) {
    items.push_back({Kind::preset, preset.name, preset.name, preset.title, preset.title + QLatin1Char('\n') + tr("Source: %1").arg(preset.source)});
  }
  const auto drafts = drafts_.list();
  if (!drafts.empty()) items.push_back({Kind::heading, {}, tr("Drafts"), {}, {}});
  for (const DraftStore::Entry& draft : drafts) items.push_back({Kind::draft, draft.id, draft.name, tr("edited %1").arg(day_of(draft.edited)), tr("Del deletes the draft")});
  const auto& runs = session_->library().runs();
  if (!runs.empty()) items.push_back({Kind::heading, {}, tr("Run again"), {}, {}});
  for (std::size_t i = 0; i < std::min(runs.size(), kRecentRuns); ++i) {
    const QDateTime began = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(runs[i].created * 1000));
    items.push_back({Kind::run, runs[i].id, run_name(runs[i]), day_of(began) + QStringLiteral(" · ") + runs[i].id, QString::fromStdString(runs[i].folder.path().string())});
  }
  recipes_->set_items(items);
}

void LaunchPanel::keep_view() {
  QJsonObject view;
  view[QStringLiteral("kind")] = static_cast<int>(recipes_->current_kind());
  view[QStringLiteral("key")] = recipes_->current_key();
  view[QStringLiteral("open")] = QJsonArray::fromStringList(form_->open_sections());
  view[QStringLiteral("level")] = static_cast<int>(form_->level());
  session_->set_view(QStringLiteral("launch"), view);
}

void LaunchPanel::restore_view() {
  const QJsonObject view = session_->view(QStringLiteral("launch"));
  if (view.isEmpty()) return;
  QStringList open;
  for (const QJsonValue& section : view[QStringLiteral("open")].toArray()) open += section.toString();
  form_->set_open_sections(open);
  form_->set_level(static_cast<FormFilter::Level>(std::clamp(view[QStringLiteral("level")].toInt(1), 0, 2)));
  const auto kind = static_cast<RecipeList::Kind>(view[QStringLiteral("kind")].toInt());
  const QString key = view[QStringLiteral("key")].toString();
  const auto drafts = drafts_.list();
  const bool there = kind == RecipeList::Kind::draft ? std::any_of(drafts.begin(), drafts.end(), [&](const DraftStore::Entry& draft) { return draft.id == key; })
                     : kind == RecipeList::Kind::preset ? model_->schema().preset(key) != nullptr
                                                        : kind == RecipeList::Kind::run && session_->library().find(key);
  if (!there) return;
  recipes_->set_current(kind, key);
  choose(kind, key);
}

void LaunchPanel::choose(RecipeList::Kind kind, const QString& key) {
  if (keeping_.isActive()) {
    keeping_.stop();
    keep_draft();
  }
  Expected<RecipeDraft> draft = fail(ErrorCode::input, "it is not there any more");
  QString name, id;
  if (kind == RecipeList::Kind::preset) {
    if (const PresetInfo* preset = model_->schema().preset(key)) draft = open_draft(preset->name, preset->path);
    name = key;
  } else if (kind == RecipeList::Kind::draft) {
    draft = drafts_.load(key);
    for (const auto& entry : drafts_.list()) name = entry.id == key ? entry.name : name;
    id = key;
  } else if (const RunEntry* run = session_->library().find(key)) {
    const QString file = QString::fromStdString(run->folder.recipe().string());
    draft = open_draft(file, file);
    name = run_name(*run);
  }
  if (draft) {
    show_draft(std::move(*draft), name, id);
    keep_view();
  } else session_->say(QString::fromStdString(draft.error().message));
}

void LaunchPanel::show_again() {
  if (again_.first.isEmpty()) return;
  const auto [run, parameter] = std::exchange(again_, {});
  pages_->setCurrentWidget(columns_);
  choose(RecipeList::Kind::run, run);
  recipes_->set_current(RecipeList::Kind::run, run);
  if (!parameter.isEmpty()) form_->show_field(parameter);
}

void LaunchPanel::show_draft(RecipeDraft draft, const QString& name, const QString& draft_id) {
  draft_id_ = draft_id;
  outcome_->name().setText(name);
  outcome_->hide_failure();
  plan_.clear();
  model_->set_draft(std::move(draft));
  keeping_.stop();  // showing is no edit
}

void LaunchPanel::open_recipe(const QString& file) {
  if (!model_) return;
  auto draft = open_draft(file, file);
  if (!draft) {
    QMessageBox::warning(this, tr("Open recipe"), QString::fromStdString(draft.error().message));
    return;
  }
  pages_->setCurrentWidget(columns_);
  recipes_->set_current(RecipeList::Kind::heading, {});
  show_draft(std::move(*draft), QFileInfo(file).completeBaseName(), {});
}

void LaunchPanel::save_recipe() {
  const auto recipe = model_->draft().resolved(model_->schema());
  if (!recipe) {
    QMessageBox::warning(this, tr("Save recipe"), QString::fromStdString(recipe.error().message));
    return;
  }
  QString path = QFileDialog::getSaveFileName(this, tr("Save recipe"), outcome_->name().text() + QStringLiteral(".toml"), tr("Recipes (*.toml)"));
  if (path.isEmpty()) return;
  if (!path.endsWith(QLatin1String(".toml"))) path += QStringLiteral(".toml");
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray::fromStdString(write_recipe(*recipe))) < 0 || !file.commit()) {
    QMessageBox::warning(this, tr("Save recipe"), tr("%1 cannot be written: %2").arg(path, file.errorString()));
  }
}

void LaunchPanel::remove_draft() {
  if (recipes_->current_kind() != RecipeList::Kind::draft) return;
  const QString id = recipes_->current_key();
  QMessageBox question(QMessageBox::Question, tr("Delete draft"), tr("Delete this draft? It cannot be brought back."), QMessageBox::NoButton, this);
  auto* remove = question.addButton(tr("Delete the draft"), QMessageBox::DestructiveRole);
  question.setDefaultButton(question.addButton(tr("Keep it"), QMessageBox::RejectRole));
  question.exec();
  if (question.clickedButton() != remove) return;
  keeping_.stop();
  drafts_.remove(id);
  if (draft_id_ == id) draft_id_.clear();
  fill_recipes();
}

void LaunchPanel::keep_draft() {
  const RecipeDraft& draft = model_->draft();
  const bool empty = draft.set.empty() && draft.stages.empty();
  if (empty && draft_id_.isEmpty()) return;
  if (empty) {
    drafts_.remove(draft_id_);
    draft_id_.clear();
  } else {
    if (draft_id_.isEmpty()) draft_id_ = DraftStore::new_id();
    if (auto kept = drafts_.save(draft_id_, outcome_->name().text(), draft); !kept) session_->say(QString::fromStdString(kept.error().message));
  }
  fill_recipes();
  if (!draft_id_.isEmpty()) recipes_->set_current(RecipeList::Kind::draft, draft_id_);
  keep_view();
}

void LaunchPanel::edited() {
  keeping_.start();
  checking_.start();
  show_outcome();
}

void LaunchPanel::check() {
  delete check_;
  check_ = program_.ask(QStringList{QStringLiteral("train")} + model_->draft().arguments(model_->schema()) + QStringList{QStringLiteral("--dry-run")}, this,
                        [this](const Expected<nlohmann::json>& answer) {
                          if (answer && answer->is_object()) {
                            plan_ = planned_stages(*answer);
                            model_->set_checked(problems_of(*answer));
                          } else {
                            plan_.clear();
                            const QString why = answer ? tr("mimir train --dry-run gave no answer that can be read.") : QString::fromStdString(answer.error().message);
                            model_->set_checked({{QString(), Severity::error, why, {}}});
                          }
                          show_outcome();
                        });
}

void LaunchPanel::show_outcome() {
  const Outlook outlook = outlook_of(*model_, plan_, session_->library().runs(), disk_);
  outcome_->show_outlook(outlook);
  outcome_->show_differences(*model_);
  outcome_->show_command(command());
  QString obstacle;
  for (const FormProblem& problem : model_->problems()) {
    if (obstacle.isEmpty() && problem.severity == Severity::error) obstacle = problem.field.isEmpty() ? problem.message : problem.field + QStringLiteral(": ") + problem.message;
  }
  if (outlook.stages.empty()) obstacle = tr("No stage is switched on: nothing would run.");
  outcome_->set_obstacle(obstacle);
}

QStringList LaunchPanel::command() const {
  QStringList words = model_->draft().arguments(model_->schema());
  const QString name = outcome_->name().text().trimmed();
  if (!name.isEmpty()) words << QStringLiteral("--name") << name;
  const auto& workspace = session_->library().workspace().path();
  if (workspace != Workspace::default_path()) words << QStringLiteral("--workspace") << QString::fromStdString(workspace.string());
  return QStringList{QStringLiteral("mimir"), QStringLiteral("train")} + words;
}

void LaunchPanel::start() {
  if (!model_ || pages_->currentWidget() != columns_ || !outcome_->start().isEnabled()) return;
  begin(command().mid(2));
}

void LaunchPanel::begin(const QStringList& words) {
  if (starting_) return;
  starting_ = true;
  outcome_->hide_failure();
  outcome_->set_starting(true);
  program_.start_run(words, this, [this](const Expected<nlohmann::json>& answer) { begun(answer); });
}

void LaunchPanel::begun(const Expected<nlohmann::json>& answer) {
  starting_ = false;
  outcome_->set_starting(false);
  if (!answer) {
    pages_->setCurrentWidget(columns_);
    outcome_->show_failure(QString::fromStdString(answer.error().message), QString::fromStdString(answer.error().detail));
    return;
  }
  session_->select_run(QString::fromStdString(answer->at("id").get<std::string>()));
  session_->open_place(QStringLiteral("monitor"));
}

void LaunchPanel::watch_demo() {
  choose(RecipeList::Kind::preset, QStringLiteral("demo"));
  recipes_->set_current(RecipeList::Kind::preset, QStringLiteral("demo"));
  begin(command().mid(2));
}

void LaunchPanel::open_workspace(const QString& folder) {
  if (!QProcess::startDetached(QCoreApplication::applicationFilePath(), {QStringLiteral("--workspace"), folder})) {
    session_->say(tr("A second window for %1 cannot be started.").arg(folder));
  }
}

void LaunchPanel::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.size() == 1 && urls.front().toLocalFile().endsWith(QLatin1String(".toml"))) event->acceptProposedAction();
}

void LaunchPanel::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  open_recipe(event->mimeData()->urls().front().toLocalFile());
}

}  // namespace mimir
