// Reads the fields of an HTTP request's head with the parser of responses: from the second line on the two
// are alike.
#pragma once

#include <optional>
#include <string>

#include "../loadgen/http_head.h"

namespace nullserver {

inline std::optional<loadgen::HttpHead> parseRequestFields(const std::string& text) {
  return loadgen::parseHttpHead("HTTP/1.1 200" + text.substr(text.find("\r\n")));
}

}  // namespace nullserver
