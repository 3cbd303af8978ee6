#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include "widgets/theme/theme.h"

namespace mimir {

/// What the window remembers between two starts. One JSON file; deleting it always cures a bad start.
struct SavedState {
  Appearance appearance = Appearance::follow_desktop;
  bool notifications = true;  ///< of the desktop
  bool letters = true;        ///< single letters are shortcuts
  QStringList tips;       ///< places whose tip has been dismissed
  QString place;
  QByteArray geometry;    ///< of QWidget::saveGeometry
  QStringList recent;     ///< keys of the palette, the newest first
  QString workspace;      ///< the one that run and shown belong to
  QString run;
  QStringList shown;
  QJsonObject views;      ///< how each place was left, by its id
  bool operator==(const SavedState&) const = default;

  /// window.json in the application's configuration folder.
  static QString default_path();
  /// A missing or damaged file gives the defaults; so does a value of the wrong kind.
  static SavedState read(const QString& path);
  /// Whole or not at all; false if it cannot be written.
  bool write(const QString& path) const;
};

}  // namespace mimir
