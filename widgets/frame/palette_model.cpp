#include "widgets/frame/palette_model.h"

#include <QAction>
#include <algorithm>
#include <array>

namespace mimir {
namespace {

constexpr int kRecentKept = 12;
constexpr int kRecentBonus = 60;
constexpr int kWhole = 100;
constexpr int kWordStart = 60;

bool begins_word(const QString& text, qsizetype at) { return at == 0 || !text[at - 1].isLetterOrNumber(); }

}  // namespace

std::optional<int> fuzzy_score(const QStringList& query, const QString& lower, std::vector<int>* at) {
  int score = 0;
  for (const QString& word : query) {
    qsizetype best = -1;
    for (qsizetype found = lower.indexOf(word); found >= 0; found = lower.indexOf(word, found + 1)) {
      if (best < 0) best = found;
      if (begins_word(lower, found)) {
        best = found;
        break;
      }
    }
    if (best >= 0) {
      score += kWhole + (begins_word(lower, best) ? kWordStart : 0) - static_cast<int>(std::min<qsizetype>(best, 40));
      if (at) for (qsizetype i = 0; i < word.size(); ++i) at->push_back(static_cast<int>(best + i));
      continue;
    }
    qsizetype from = 0;
    int starts = 0;
    qsizetype first = -1;
    for (const QChar letter : word) {
      const qsizetype found = lower.indexOf(letter, from);
      if (found < 0) return std::nullopt;
      if (first < 0) first = found;
      if (begins_word(lower, found)) starts += 8;
      if (at) at->push_back(static_cast<int>(found));
      from = found + 1;
    }
    score += 20 + starts - static_cast<int>(std::min<qsizetype>(from - first - word.size(), 40));
  }
  return score;
}

QString PaletteModel::key(const Entry& entry) {
  constexpr std::array kinds{"place", "action", "run"};
  return QStringLiteral("%1:%2").arg(QLatin1String(kinds[static_cast<std::size_t>(entry.kind)]), entry.id);
}

void PaletteModel::set_entries(std::vector<Entry> entries) {
  beginResetModel();
  rows_.clear();
  entries_ = std::move(entries);
  for (Entry& entry : entries_) entry.lower = entry.text.toLower();
  endResetModel();
}

void PaletteModel::remember(const Entry& entry) {
  recent_.removeAll(key(entry));
  recent_.prepend(key(entry));
  while (recent_.size() > kRecentKept) recent_.removeLast();
}

void PaletteModel::look_for(const QString& typed) {
  struct Answer {
    int entry;
    int score;
    int group;
  };
  QString text = typed.trimmed().toLower();
  std::optional<Kind> only;
  if (text.startsWith(QLatin1Char('>'))) only = Kind::action;
  if (text.startsWith(QLatin1Char('#'))) only = Kind::run;
  if (only) text.remove(0, 1);
  const QStringList query = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const std::array headings{tr("Places"), tr("Actions"), tr("Runs"), tr("Recent")};
  constexpr int kRecentGroup = 3;

  std::vector<Answer> answers;
  std::array<int, 4> best{};
  for (int i = 0; i < static_cast<int>(entries_.size()); ++i) {
    const Entry& entry = entries_[static_cast<std::size_t>(i)];
    if (only && entry.kind != *only) continue;
    const auto score = fuzzy_score(query, entry.lower);
    if (!score) continue;
    const qsizetype used = recent_.indexOf(key(entry));
    Answer answer{i, *score, static_cast<int>(entry.kind)};
    if (used >= 0) {
      answer.score += kRecentBonus - static_cast<int>(used);
      if (query.isEmpty() && !only) answer.group = kRecentGroup;
    }
    answers.push_back(answer);
  }
  const auto better = [](const Answer& a, const Answer& b) { return a.score != b.score ? a.score > b.score : a.entry < b.entry; };
  const auto shown = std::min<std::size_t>(answers.size(), kRowsAtMost);
  std::partial_sort(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(shown), answers.end(), better);
  answers.resize(shown);
  best.fill(-1);
  for (const Answer& answer : answers) best[static_cast<std::size_t>(answer.group)] = std::max(best[static_cast<std::size_t>(answer.group)], answer.score);
  std::stable_sort(answers.begin(), answers.end(), [&](const Answer& a, const Answer& b) {
    if (a.group == b.group) return false;
    const int x = best[static_cast<std::size_t>(a.group)];
    const int y = best[static_cast<std::size_t>(b.group)];
    return x != y ? x > y : a.group < b.group;
  });

  beginResetModel();
  rows_.clear();
  int group = -1;
  for (const Answer& answer : answers) {
    if (answer.group != group) rows_.push_back({-1, headings[static_cast<std::size_t>(answer.group)], {}});
    group = answer.group;
    Row row{answer.entry, {}, {}};
    fuzzy_score(query, entries_[static_cast<std::size_t>(answer.entry)].lower, &row.found);
    rows_.push_back(std::move(row));
  }
  endResetModel();
}

const PaletteModel::Entry* PaletteModel::entry(int row) const {
  if (row < 0 || row >= rowCount() || rows_[static_cast<std::size_t>(row)].entry < 0) return nullptr;
  return &entries_[static_cast<std::size_t>(rows_[static_cast<std::size_t>(row)].entry)];
}

int PaletteModel::next_entry(int row, int step) const {
  for (; row >= 0 && row < rowCount(); row += step)
    if (entry(row)) return row;
  return -1;
}

int PaletteModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }

QVariant PaletteModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  const Entry* said = entry(index.row());
  switch (role) {
    case Qt::DisplayRole: return said ? said->text : row.heading;
    case Qt::AccessibleTextRole: return said ? QStringLiteral("%1, %2 %3").arg(said->text, said->detail, said->keys) : row.heading;
    case HeadingRole: return said == nullptr;
    case FoundRole: return QVariant::fromValue(row.found);
    default: return {};
  }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex& index) const {
  return entry(index.row()) ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
}

}  // namespace mimir
