#include "app/workbench/options.h"

#include <CLI/CLI.hpp>

#include "core/base/version.h"
#include "widgets/panels/panel.h"

namespace mimir {
namespace {

constexpr int kUsage = 2;
constexpr int kLeastSide = 320;
constexpr int kGreatestSide = 8192;

/// "1600x1000"; none if it is no such thing.
std::optional<QSize> parse_size(const std::string& text) {
  const QStringList sides = QString::fromStdString(text).split(QLatin1Char('x'));
  if (sides.size() != 2) return std::nullopt;
  bool wide = false;
  bool high = false;
  const QSize size(sides[0].toInt(&wide), sides[1].toInt(&high));
  const auto fits = [](int side) { return side >= kLeastSide && side <= kGreatestSide; };
  if (!wide || !high || !fits(size.width()) || !fits(size.height())) return std::nullopt;
  return size;
}

std::string place_ids() {
  std::string all;
  for (const PanelEntry& entry : panels()) all += (all.empty() ? "" : ", ") + std::string(entry.id);
  return all.empty() ? "none" : all;
}

std::string check_place(const std::string& text) {
  for (const PanelEntry& entry : panels())
    if (text == entry.id) return {};
  return "no such place; there are: " + place_ids();
}

const std::string kFirstStart = "first-start";

std::string check_picture(const std::string& text) {
  const std::string wrong = text == kFirstStart ? std::string() : check_place(text);
  return wrong.empty() ? wrong : wrong + ", " + kFirstStart;
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  std::string run;
  std::string place;
  std::string theme;
  std::string screenshot;
  std::string output;
  std::string worker;
  std::string size = "1600x1000";
  CLI::App app{"The window of MIMIR Workbench: adversarial robustness of Vision Transformers, watched while they learn.\n"
               "Training goes on when the window is closed; see mimir --help for the command line.",
               "mimir-workbench"};
  app.set_version_flag("--version", std::string("mimir-workbench ") + version() + " (" + git_revision() + ")");
  app.add_option("--workspace", options.workspace, "Folder that holds the runs; default $MIMIR_WORKSPACE, else the user's data folder")->type_name("DIR");
  app.add_option("--run", run, "Run to look at: an id or the beginning of one, a name, or last")->type_name("RUN");
  app.add_option("--place", place, "Place to begin in: " + place_ids())->type_name("ID")->check(check_place);
  app.add_option("--theme", theme, "For this start only; default: as set, else as the desktop is")->type_name("dark|light")->check(CLI::IsMember({"dark", "light"}));
  app.add_option("--worker", worker, "Command that computes what needs a model: \"ssh HOST mimir serve\"; default: mimir serve on this machine")->type_name("COMMAND");
  auto* shot = app.add_option("--screenshot", screenshot, "Write a picture of this place, or of first-start, and end; needs no display, reads and writes no settings")->type_name("PLACE")->check(check_picture);
  auto* out = app.add_option("--output", output, "PNG file of --screenshot")->type_name("F.png");
  shot->needs(out);
  out->needs(shot);
  app.add_option("--size", size, "Size of the window, in px")->type_name("WxH")->capture_default_str()->check([](const std::string& text) {
    return parse_size(text) ? std::string() : "is not WIDTHxHEIGHT with sides from " + std::to_string(kLeastSide) + " to " + std::to_string(kGreatestSide);
  });
  app.add_flag("--safe-mode", options.safe_mode, "Restore nothing, write no settings, plain colours");
  app.add_flag("--reset-settings", options.reset_settings, "Forget all settings of the window first; runs are not touched");
  auto* bench = app.add_flag("--bench", options.bench, "Measure the window and end");
  app.add_flag("--json", options.json, "With --bench: one flat JSON object")->needs(bench);
  bench->excludes(shot);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    parsed.exit_code = code == 0 ? 0 : kUsage;
    return parsed;
  }
  options.run = QString::fromStdString(run);
  options.place = QString::fromStdString(screenshot.empty() ? place : screenshot == kFirstStart ? "launch/" + screenshot : screenshot);
  options.screenshot = QString::fromStdString(screenshot);
  options.worker = QString::fromStdString(worker);
  options.output = QString::fromStdString(output);
  options.size = *parse_size(size);
  if (!theme.empty()) options.appearance = theme == "dark" ? Appearance::dark : Appearance::light;
  return parsed;
}

}  // namespace mimir
