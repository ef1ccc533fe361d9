// Why io_uring cannot be used here, in words that say what to do.
#pragma once

#include <string>

#include "../base/error.h"

namespace multiplexer {

/// What probably is behind an errno that io_uring gave, without a full stop.
std::string likelyUringCause(int error);
/// One sentence: the call, the errno and its likely cause.
std::string uringObstacle(const base::SystemError& error);

}  // namespace multiplexer
