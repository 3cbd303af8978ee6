#pragma once

class QWidget;

namespace mimir {

class Session;

/// A PNG or JPEG file that is dropped on `target` becomes the session's picture.
void accept_pictures(QWidget& target, Session& session);

}  // namespace mimir
