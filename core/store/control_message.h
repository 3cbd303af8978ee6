#pragma once

#include <string>
#include <string_view>

#include "core/store/control.h"

namespace mimir::store {

/// One line without its end. What a peer wrote is not trusted: an error is a sentence for ok:false.
std::string write_request(const ControlRequest& request);
Expected<ControlRequest> parse_request(std::string_view line);
/// `id` as JSON: the request's own, or "null" where it had none.
std::string write_reply(const ControlReply& reply, const std::string& id);
Expected<ControlReply> parse_reply(std::string_view line);
/// The id of a line that may be no request at all, as JSON.
std::string request_id(std::string_view line);

}  // namespace mimir::store
