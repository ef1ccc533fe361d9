// PROGRAM --list           one line for each case of each group: GROUP, CASE, and why it cannot run here,
//                          separated by tabs; the last is empty when it can
// PROGRAM GROUP CASE       runs one; exits with 0, or with 1 and a sentence on stderr
// PROGRAM --all COUNT      runs all that can run, so many at once; one line for each: GROUP, CASE, and what
// it said on
//                          stderr, or how else it failed, separated by tabs; the last is empty when it passed
//
// One case is one process, because some change what the process may do.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

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

/// A case that hangs is one that waits for an event that never comes.
static constexpr unsigned kLimitSeconds = 60;

struct Running {
  const Entry* entry = nullptr;
  /// What it writes on stderr.
  std::FILE* said = nullptr;
};

static std::pair<pid_t, Running> start(const Entry& entry) {
  Running running{&entry, std::tmpfile()};
  if (running.said == nullptr) throw Failure("There is no temporary file for what a case says.");
  const pid_t pid = ::fork();
  if (pid < 0) throw Failure("A case's process cannot be started.");
  if (pid == 0) {
    ::dup2(::fileno(running.said), STDERR_FILENO);
    ::close(::fileno(running.said));
    ::alarm(kLimitSeconds);
    std::exit(run(entry.group, entry.name));
  }
  return {pid, running};
}

static void report(const Running& running, int status) {
  std::string said;
  std::rewind(running.said);
  for (int byte = 0; (byte = std::fgetc(running.said)) != EOF;)
    said += byte == '\n' ? ' ' : static_cast<char>(byte);
  std::fclose(running.said);
  if (WIFSIGNALED(status))
    said += "It was ended by signal " + std::to_string(WTERMSIG(status)) + ".";
  else if (said.empty() && WEXITSTATUS(status) != 0)
    said = "It exited with code " + std::to_string(WEXITSTATUS(status)) + ".";
  std::printf("%s\t%s\t%s\n", running.entry->group.c_str(), running.entry->name.c_str(), said.c_str());
}

static int runAll(size_t atOnce) {
  const std::vector<Entry> all = entries();
  std::map<pid_t, Running> children;
  const auto awaitOne = [&] {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    const auto found = children.find(ended);
    if (found == children.end()) throw Failure("A case's process cannot be waited for.");
    report(found->second, status);
    children.erase(found);
  };
  for (const Entry& entry : all) {
    if (!entry.obstacle().empty()) continue;
    if (children.size() == atOnce) awaitOne();
    // What is buffered would be written by the child, too.
    std::fflush(nullptr);
    children.insert(start(entry));
  }
  while (!children.empty()) awaitOne();
  return 0;
}

}  // namespace program

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--list") return program::list();
  if (argc == 3 && std::string(argv[1]) == "--all" && std::atoi(argv[2]) > 0)
    return program::runAll(static_cast<size_t>(std::atoi(argv[2])));
  if (argc == 3) return program::run(argv[1], argv[2]);
  std::fprintf(stderr, "usage: %s --list | %s --all COUNT | %s GROUP CASE\n", argv[0], argv[0], argv[0]);
  return 2;
}
