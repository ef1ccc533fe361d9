// A system call that failed, as data: nobody has to read a message to learn which call it was.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace base {

class SystemError : public std::system_error {
 public:
  /// `hint` says in the message what the errno may mean for this call.
  SystemError(std::string call, int number, const std::string& hint = "")
      : std::system_error(number, std::generic_category(), hint.empty() ? call : call + " (" + hint + ")"),
        call_(std::move(call)) {}

  /// The call, for example "bind", and what it was about where one call serves many purposes.
  const std::string& call() const { return call_; }
  /// The errno.
  int number() const { return code().value(); }

 private:
  std::string call_;
};

/// Returns what a system call returned. Throws SystemError with the present errno when that is negative.
inline int require(int result, const char* call) {
  if (result < 0) throw SystemError(call, errno);
  return result;
}

}  // namespace base
