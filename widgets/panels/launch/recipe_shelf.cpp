#include "widgets/panels/launch/recipe_shelf.h"

#include <QLineEdit>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

#include "widgets/format.h"
#include "widgets/session/in_sight.h"
#include "widgets/session/run_words.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kKeepAfterMs = 300;
constexpr std::size_t kRecentRuns = 6;

QString day_of(const QDateTime& time) {
  const qint64 days = time.date().daysTo(QDate::currentDate());
  if (days == 0) return RecipeShelf::tr("today %1").arg(time.toString(QStringLiteral("HH:mm")));
  if (days == 1) return RecipeShelf::tr("yesterday");
  return QLocale().toString(time.date(), QLocale::ShortFormat);
}

}  // namespace

RecipeShelf::RecipeShelf(Session& session, RecipeList& list, FormModel& model, QLineEdit& name, QObject* parent)
    : QObject(parent), session_(&session), list_(&list), model_(&model), name_(&name) {
  keeping_.setSingleShot(true);
  keeping_.setInterval(kKeepAfterMs);
  connect(&keeping_, &QTimer::timeout, this, &RecipeShelf::keep);
  connect(&model, &FormModel::edited, this, &RecipeShelf::keep_soon);
  connect(&name, &QLineEdit::textEdited, this, [this] {
    if (!draft_id_.isEmpty()) keep_soon();
  });
  connect(&session.library(), &RunLibrary::runs_changed, new InSight(list, [this] { fill(); }, this), &InSight::changed);
  fill();
}

void RecipeShelf::fill() {
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
  list_->set_items(items);
}

bool RecipeShelf::has(RecipeList::Kind kind, const QString& key) const {
  if (kind == RecipeList::Kind::preset) return model_->schema().preset(key) != nullptr;
  if (kind == RecipeList::Kind::run) return session_->library().find(key) != nullptr;
  const auto drafts = drafts_.list();
  return kind == RecipeList::Kind::draft && std::any_of(drafts.begin(), drafts.end(), [&](const DraftStore::Entry& draft) { return draft.id == key; });
}

Expected<RecipeShelf::Opened> RecipeShelf::open(RecipeList::Kind kind, const QString& key) const {
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
  if (!draft) return pass_on(draft);
  return Opened{std::move(*draft), name, id};
}

void RecipeShelf::edit(const QString& draft_id) {
  draft_id_ = draft_id;
  keeping_.stop();  // showing is no edit
}

void RecipeShelf::keep_pending() {
  if (!keeping_.isActive()) return;
  keeping_.stop();
  keep();
}

void RecipeShelf::keep() {
  const RecipeDraft& draft = model_->draft();
  const bool empty = draft.set.empty() && draft.stages.empty();
  if (empty && draft_id_.isEmpty()) return;
  if (empty) {
    drafts_.remove(draft_id_);
    draft_id_.clear();
  } else {
    if (draft_id_.isEmpty()) draft_id_ = DraftStore::new_id();
    if (auto written = drafts_.save(draft_id_, name_->text(), draft); !written) session_->say(sentence_text(written.error().message));
  }
  fill();
  if (!draft_id_.isEmpty()) list_->set_current(RecipeList::Kind::draft, draft_id_);
  Q_EMIT kept();
}

void RecipeShelf::remove_draft(QWidget* window) {
  if (list_->current_kind() != RecipeList::Kind::draft) return;
  const QString id = list_->current_key();
  QMessageBox question(QMessageBox::Question, tr("Delete draft"), tr("Delete this draft? It cannot be brought back."), QMessageBox::NoButton, window);
  auto* remove = question.addButton(tr("Delete the draft"), QMessageBox::DestructiveRole);
  question.setDefaultButton(question.addButton(tr("Keep it"), QMessageBox::RejectRole));
  question.exec();
  if (question.clickedButton() != remove) return;
  keeping_.stop();
  drafts_.remove(id);
  if (draft_id_ == id) draft_id_.clear();
  fill();
}

}  // namespace mimir
