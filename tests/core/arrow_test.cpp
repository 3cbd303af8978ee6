#include <QTest>
#include <algorithm>
#include <filesystem>
#include <regex>

#include "core/base/text.h"
#include "core/store/files.h"

using namespace mimir;

/// The arrow of ARCHITECTURE.md, held against the #include lines.
class ArrowTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void AFolderOfCoreIncludesOnlyFoldersBelowIt();
  void CoreAndTheCommandLineIncludeNoQt();
  void RecordsIncludeNeitherLibtorchNorOpenCv();
  void TheWindowIncludesOnlyRecords();
  void PanelsDoNotIncludeEachOther();
};

namespace {

const std::filesystem::path kRoot = MIMIR_SOURCE_DIR;

/// Low to high.
const std::vector<std::string> kFolders = {"base",       "store",       "figure",  "tensor",   "data",
                                           "models",     "information", "attacks", "training", "evaluation",
                                           "inspection", "service",     "selftest"};

struct Include {
  std::filesystem::path file;
  std::string name;  ///< what stands between the quotes or brackets
};

std::vector<Include> includes_below(const char* folder) {
  static const std::regex line(R"(^\s*#\s*include\s*["<]([^">]+)[">])");
  std::vector<Include> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot / folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp" && extension != ".in") continue;
    for (const std::string& text : split(read_text(entry.path()).value(), '\n')) {
      std::smatch match;
      if (std::regex_search(text, match, line))
        found.push_back({std::filesystem::relative(entry.path(), kRoot), match[1]});
    }
  }
  return found;
}

std::ptrdiff_t rank(const std::string& folder) {
  return std::find(kFolders.begin(), kFolders.end(), folder) - kFolders.begin();
}

std::string said(const Include& include) { return include.file.string() + " includes " + include.name; }

}  // namespace

void ArrowTest::AFolderOfCoreIncludesOnlyFoldersBelowIt() {
  const auto includes = includes_below("core");
  QVERIFY(includes.size() > 20);
  for (const Include& include : includes) {
    if (include.name.starts_with("app/") || include.name.starts_with("widgets/") ||
        include.name.starts_with("tests/")) {
      QFAIL(said(include).c_str());
    }
    if (!include.name.starts_with("core/")) continue;
    const std::string from = *std::next(include.file.begin());
    const std::string to = split(include.name, '/')[1];
    QVERIFY2(rank(from) < std::ssize(kFolders), (from + " is not in the list of folders").c_str());
    QVERIFY2(rank(to) <= rank(from), said(include).c_str());
  }
}

void ArrowTest::CoreAndTheCommandLineIncludeNoQt() {
  static const std::regex qt("^(Q[A-Z]|Qt|q[a-z]+\\.h$)");
  for (const char* folder : {"core", "app/mimir"}) {
    for (const Include& include : includes_below(folder))
      QVERIFY2(!std::regex_search(include.name, qt), said(include).c_str());
  }
}

void ArrowTest::RecordsIncludeNeitherLibtorchNorOpenCv() {
  static const std::regex tensors("^(torch|ATen|c10|opencv2)/");
  for (const char* folder : {"core/base", "core/store", "core/figure"}) {
    for (const Include& include : includes_below(folder))
      QVERIFY2(!std::regex_search(include.name, tensors), said(include).c_str());
  }
}

void ArrowTest::TheWindowIncludesOnlyRecords() {
  static const std::regex allowed("^(core/(base|store|figure)/|widgets/|app/workbench/)");
  static const std::regex ours("^(core|app|widgets|tests)/");
  static const std::regex tensors("^(torch|ATen|c10|opencv2)/");
  for (const char* folder : {"widgets", "app/workbench"}) {
    for (const Include& include : includes_below(folder)) {
      QVERIFY2(!std::regex_search(include.name, tensors), said(include).c_str());
      if (folder == std::string("widgets") && include.name.starts_with("app/")) QFAIL(said(include).c_str());
      if (std::regex_search(include.name, ours)) QVERIFY2(std::regex_search(include.name, allowed), said(include).c_str());
    }
  }
}

void ArrowTest::PanelsDoNotIncludeEachOther() {
  for (const Include& include : includes_below("widgets")) {
    const auto to = split(include.name, '/');
    if (to.size() < 4 || to[0] != "widgets" || to[1] != "panels") continue;  // panel.h itself is anybody's
    const auto from = split(include.file.string(), '/');
    QVERIFY2(from.size() >= 4 && from[1] == "panels" && from[2] == to[2], said(include).c_str());
  }
}

QTEST_APPLESS_MAIN(ArrowTest)
#include "arrow_test.moc"
