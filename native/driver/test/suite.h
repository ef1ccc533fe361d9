// The suite that the driver passes on every back end.
#pragma once

#include "../../test/program.h"
#include "../driver.h"

namespace driver::test {

using namespace program;
using CaseSubject = driver::Kind;

}  // namespace driver::test
