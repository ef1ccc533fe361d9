// PROGRAM --list           one line for each case of each group: GROUP, CASE, and why it cannot run here,
//                          separated by tabs; the last is empty when it can
// PROGRAM GROUP CASE       runs one; exits with 0, or with 1 and a sentence on stderr
//
// One case is one process, because some change what the process may do.
#include <algorithm>
#include <cstdio>

#include "program.h"

namespace program {

static int list() {
  for (const Entry& entry : entries())
    std::printf("%s\t%s\t%s\n", entry.group.c_str(), entry.name.c_str(), entry.obstacle().c_str());
  return 0;
}

static int run(const std::string& group, const std::string& name) {
  const std::vector<Entry> all = entries();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const Entry& entry) { return entry.group == group && entry.name == name; });
  if (found == all.end()) {
    std::fprintf(stderr, "There is no case '%s' of '%s'; --list names them all.\n", name.c_str(),
                 group.c_str());
    return 2;
  }
  try {
    found->run();
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s: %s: %s\n", group.c_str(), name.c_str(), failure.what());
    return 1;
  }
}

}  // namespace program

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--list") return program::list();
  if (argc == 3) return program::run(argv[1], argv[2]);
  std::fprintf(stderr, "usage: %s --list | %s GROUP CASE\n", argv[0], argv[0]);
  return 2;
}
