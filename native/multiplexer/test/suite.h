// The suite that every back end passes: cases, what they check with, and how a failure reads.
#pragma once

#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../multiplexer.h"

namespace multiplexer::test {

/// Ends a case; its text is the sentence that says what was wrong.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Case {
  std::string name;
  void (*run)(const Kind& kind);
};

std::vector<Case>& cases();

/// Adds a case when it is made, before `main` begins.
struct Register {
  Register(const char* name, void (*run)(const Kind& kind)) { cases().push_back({name, run}); }
};

#define CASE_NAME_OF_LINE(line) case_of_line_##line
#define CASE_OF_LINE(line, name, parameter)                                     \
  static void CASE_NAME_OF_LINE(line)(const Kind& parameter);                   \
  static const Register register_of_line_##line{name, CASE_NAME_OF_LINE(line)}; \
  static void CASE_NAME_OF_LINE(line)(const Kind& parameter)
#define CASE_AT(line, name, parameter) CASE_OF_LINE(line, name, parameter)
/// CASE("what the back end does", kind) { ... }
#define CASE(name, parameter) CASE_AT(__LINE__, name, parameter)

/// Throws a Failure with this sentence unless the condition holds.
inline void check(bool condition, const std::string& sentence) {
  if (!condition) throw Failure(sentence);
}

template <class T>
void checkEqual(const T& actual, const T& expected, const std::string& what) {
  std::ostringstream sentence;
  sentence << what << " should be " << expected << ", but is " << actual << ".";
  check(actual == expected, sentence.str());
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

}  // namespace multiplexer::test
