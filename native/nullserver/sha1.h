// SHA-1 (RFC 3174) in base64, for the Sec-WebSocket-Accept of RFC 6455 and for nothing else: SHA-1 protects
// no secret.
#pragma once

#include <string>
#include <string_view>

namespace nullserver {

/// The base64 text of the SHA-1 of `text`.
std::string sha1Base64(std::string_view text);

}  // namespace nullserver
