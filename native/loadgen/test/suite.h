// The suite that every loop of the load generator passes, with two threads against a server in this process.
#pragma once

#include "../../test/program.h"
#include "../job.h"

namespace loadgen::test {

using namespace program;

struct Load {
  const char* name;
  Loop loop;
  Arrivals arrivals;
  CloseMode closeMode;
  bool spin;
};
using CaseSubject = Load;

}  // namespace loadgen::test
