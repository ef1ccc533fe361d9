// The suite that the driver passes on every back end.
#pragma once

#include "../../multiplexer/multiplexer.h"
#include "../../test/program.h"

namespace driver::test {

using namespace program;
using CaseSubject = multiplexer::Kind;

}  // namespace driver::test
