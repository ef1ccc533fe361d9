// The suite that every back end passes.
#pragma once

#include "../../test/program.h"
#include "../multiplexer.h"

namespace multiplexer::test {

using namespace program;
using CaseSubject = Kind;

}  // namespace multiplexer::test
