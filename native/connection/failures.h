// The ways in which connecting fails, each made to happen on this machine.
#pragma once

#include <string>

namespace connection {

/// JSON: a list of ways, each with its name, the errno that the client got and how long it waited for it, or
/// why the way cannot be shown here. Throws base::SystemError for what fails otherwise.
std::string failures();

}  // namespace connection
