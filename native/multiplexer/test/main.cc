// multiplexer_test --list            one line for each case of each back end: KIND, CASE, and why the back
// end cannot
//                                    run here, separated by tabs; the last is empty when it can
// multiplexer_test KIND CASE         runs one; exits with 0, or with 1 and a sentence on stderr
//
// One case is one process, because some change what the process may do.
#include <algorithm>
#include <cstdio>

#include "suite.h"

namespace multiplexer {
extern const Kind kUringPollBefore61;
}

namespace multiplexer::test {

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

static std::vector<Kind> kindsUnderTest() {
  std::vector<Kind> all(kinds().begin(), kinds().end());
  all.push_back(kUringPollBefore61);
  return all;
}

static int list() {
  for (const Kind& kind : kindsUnderTest()) {
    const std::string obstacle = kind.obstacle().value_or("");
    for (const Case& one : cases())
      std::printf("%s\t%s\t%s\n", kind.name, one.name.c_str(), obstacle.c_str());
  }
  return 0;
}

static int run(const std::string& kindName, const std::string& caseName) {
  const std::vector<Kind> all = kindsUnderTest();
  const auto kind =
      std::find_if(all.begin(), all.end(), [&](const Kind& one) { return one.name == kindName; });
  const auto found =
      std::find_if(cases().begin(), cases().end(), [&](const Case& one) { return one.name == caseName; });
  if (kind == all.end() || found == cases().end()) {
    std::fprintf(stderr, "There is no case '%s' of '%s'; --list names them all.\n", caseName.c_str(),
                 kindName.c_str());
    return 2;
  }
  try {
    found->run(*kind);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s: %s: %s\n", kindName.c_str(), caseName.c_str(), failure.what());
    return 1;
  }
}

}  // namespace multiplexer::test

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--list") return multiplexer::test::list();
  if (argc == 3) return multiplexer::test::run(argv[1], argv[2]);
  std::fprintf(stderr, "usage: multiplexer_test --list | multiplexer_test KIND CASE\n");
  return 2;
}
