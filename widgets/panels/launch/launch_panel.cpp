#include "widgets/panels/launch/launch_panel.h"

#include <QAction>
#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
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
#include "widgets/format.h"
#include "widgets/panels/launch/first_start.h"
#include "widgets/panels/launch/prospect.h"
#include "widgets/panels/launch/recipe_shelf.h"
#include "widgets/session/session.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kRecipesWidth = 250;
constexpr int kOutcomeWidth = 356;

QWidget* make(Session& session) { return new LaunchPanel(session); }

[[maybe_unused]] const bool registered = add_panel({"launch", QT_TR_NOOP("Launch"), "launch", 1, make,
                                                     QT_TRANSLATE_NOOP("Panel", "A training belongs to no window: close this one whenever you like, the run goes on and is here again at the next start.")});

}  // namespace

LaunchPanel::LaunchPanel(Session& session, QWidget* parent)
    : QWidget(parent), session_(&session), pages_(new QStackedLayout(this)),
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

  connect(recipes_, &RecipeList::chosen, this, &LaunchPanel::choose);
  connect(first_, &FirstStart::demo_wanted, this, &LaunchPanel::watch_demo);
  connect(first_, &FirstStart::recipe_wanted, this, [this] {
    part_.clear();
    pages_->setCurrentWidget(columns_);
    recipes_->setFocus();
  });
  connect(first_, &FirstStart::workspace_wanted, this, &LaunchPanel::open_workspace);
  connect(&session.library(), &RunLibrary::runs_changed, this, [this] {
    if (model_ && at_first_start() && part_.isEmpty() && !session_->library().runs().empty()) pages_->setCurrentWidget(columns_);
  });
  connect(&session, &Session::run_again_wanted, this, [this](const QString& id, const QString& parameter) {
    again_ = {id, parameter};
    if (model_) show_again();
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
  outcome_->name().setFocus(Qt::ShortcutFocusReason);
  outcome_->name().selectAll();
}

bool LaunchPanel::settled() const { return !asking_ && !(prospect_ && prospect_->checking()) && !(at_first_start() && first_->asking()); }

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
  save_->setToolTip(tr("Save the recipe as a TOML file, with all that the form shows"));
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
  connect(remove, &QAction::triggered, this, [this] {
    if (shelf_) shelf_->remove_draft(this);
  });
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
      waiting_->set_text(tr("No recipes"), sentence_text(schema.error().message));
      pages_->setCurrentWidget(waiting_);
    }
  });
}

void LaunchPanel::build(FormSchema schema) {
  const PresetInfo first = schema.preset(QStringLiteral("demo")) ? *schema.preset(QStringLiteral("demo")) : schema.presets.front();
  auto draft = open_draft(first.name, first.path);
  if (!draft) {
    waiting_->set_text(tr("No recipes"), sentence_text(draft.error().message));
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
  connect(form_, &RecipeForm::view_changed, this, &LaunchPanel::keep_view);
  save_->setEnabled(true);
  outcome_->name().setText(first.name);
  shelf_ = new RecipeShelf(*session_, *recipes_, *model_, outcome_->name(), this);
  prospect_ = new Prospect(*session_, program_, *model_, *outcome_, this);
  connect(shelf_, &RecipeShelf::kept, this, &LaunchPanel::keep_view);
  recipes_->set_current(RecipeList::Kind::preset, first.name);
  restore_view();
  const bool nothing = session_->library().runs().empty() && !shelf_->has_drafts();
  pages_->setCurrentWidget(nothing ? static_cast<QWidget*>(first_) : columns_);
  if (!part_.isEmpty()) show_part(part_);
  show_again();
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
  if (shelf_->has(kind, key)) choose(kind, key);
}

void LaunchPanel::choose(RecipeList::Kind kind, const QString& key) {
  shelf_->keep_pending();
  auto opened = shelf_->open(kind, key);
  if (!opened) return session_->say(sentence_text(opened.error().message));
  recipes_->set_current(kind, key);
  show_draft(std::move(opened->draft), opened->name, opened->draft_id);
  keep_view();
}

void LaunchPanel::show_again() {
  if (again_.first.isEmpty()) return;
  const auto [run, parameter] = std::exchange(again_, {});
  pages_->setCurrentWidget(columns_);
  choose(RecipeList::Kind::run, run);
  if (!parameter.isEmpty()) form_->show_field(parameter);
}

void LaunchPanel::show_draft(RecipeDraft draft, const QString& name, const QString& draft_id) {
  outcome_->name().setText(name);
  outcome_->hide_failure();
  prospect_->start_over();
  model_->set_draft(std::move(draft));
  shelf_->edit(draft_id);
}

void LaunchPanel::open_recipe(const QString& file) {
  if (!model_) return;
  auto draft = open_draft(file, file);
  if (!draft) {
    QMessageBox::warning(this, tr("Open recipe"), sentence_text(draft.error().message));
    return;
  }
  pages_->setCurrentWidget(columns_);
  recipes_->set_current(RecipeList::Kind::heading, {});
  show_draft(std::move(*draft), QFileInfo(file).completeBaseName(), {});
}

void LaunchPanel::save_recipe() {
  const auto recipe = model_->draft().resolved(model_->schema());
  if (!recipe) {
    QMessageBox::warning(this, tr("Save recipe"), sentence_text(recipe.error().message));
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

void LaunchPanel::start() {
  if (!model_ || pages_->currentWidget() != columns_ || !outcome_->start().isEnabled()) return;
  begin(prospect_->command().mid(2));
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
    outcome_->show_failure(sentence_text(answer.error().message), QString::fromStdString(answer.error().detail));
    return;
  }
  session_->select_run(QString::fromStdString(answer->at("id").get<std::string>()));
  session_->open_place(QStringLiteral("monitor"));
}

void LaunchPanel::watch_demo() {
  choose(RecipeList::Kind::preset, QStringLiteral("demo"));
  begin(prospect_->command().mid(2));
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
