// What every native test program is made of: cases, what they check with, and how a failure reads.
//
// A program runs each of its cases on each of its subjects (back ends, loops of the load generator). Its own
// suite.h names the type of a subject `CaseSubject`, and one of its files defines `entries`.
#pragma once

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace program {

/// Ends a case; its text is the sentence that says what was wrong.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Subject>
struct Case {
  std::string name;
  void (*run)(const Subject& subject);
};

template <class Subject>
std::vector<Case<Subject>>& casesOf() {
  static std::vector<Case<Subject>> all;
  return all;
}

/// Adds a case when it is made, before `main` begins.
template <class Subject>
struct Register {
  Register(const char* name, void (*run)(const Subject& subject)) {
    casesOf<Subject>().push_back({name, run});
  }
};

#define CASE_NAME_OF_LINE(line) caseOfLine##line
#define CASE_OF_LINE(line, name, parameter)                                                        \
  static void CASE_NAME_OF_LINE(line)(const CaseSubject& parameter);                               \
  static const program::Register<CaseSubject> registerOfLine##line{name, CASE_NAME_OF_LINE(line)}; \
  static void CASE_NAME_OF_LINE(line)([[maybe_unused]] const CaseSubject& parameter)
#define CASE_AT(line, name, parameter) CASE_OF_LINE(line, name, parameter)
/// CASE("what the subject does", subject) { ... }
#define CASE(name, parameter) CASE_AT(__LINE__, name, parameter)

/// One case on one subject.
struct Entry {
  /// The subject's name.
  std::string group;
  std::string name;
  /// Why it cannot run here; empty when it can. Asking may disturb a case that runs just after: closing a
  /// probed ring interrupts the next wait.
  std::function<std::string()> obstacle;
  std::function<void()> run;
};

/// All that the program can run; each program defines it.
std::vector<Entry> entries();

/// Adds every case on one subject.
template <class Subject>
void addEntries(std::vector<Entry>& all, const std::string& group,
                const std::function<std::string()>& obstacle, const Subject& subject) {
  for (const Case<Subject>& one : casesOf<Subject>())
    all.push_back({group, one.name, obstacle, [run = one.run, subject] { run(subject); }});
}

/// Throws a Failure with this sentence unless the condition holds.
inline void check(bool condition, const std::string& sentence) {
  if (!condition) throw Failure(sentence);
}

template <class T>
void checkEqual(const T& actual, const T& expected, const std::string& what) {
  if (actual == expected) return;
  std::ostringstream sentence;
  sentence << what << " should be " << expected << ", but is " << actual << ".";
  throw Failure(sentence.str());
}

/// Runs `use`, which must throw an Exception, and returns what it says.
template <class Exception, class Use>
std::string messageOf(Use&& use, const std::string& what) {
  try {
    use();
  } catch (const Exception& exception) {
    return exception.what();
  }
  throw Failure(what + " should have been refused.");
}

}  // namespace program
