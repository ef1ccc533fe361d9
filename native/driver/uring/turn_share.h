// How much of something one connection or listener has had in the current turn.
#pragma once

#include <cstddef>
#include <cstdint>

namespace driver {

class TurnShare {
 public:
  /// What was had in this turn; an old share is recognised by the number of its turn, so that none has to be
  /// set back.
  size_t& in(uint64_t turn) {
    if (turn_ != turn) used_ = 0;
    turn_ = turn;
    return used_;
  }

 private:
  uint64_t turn_ = 0;
  size_t used_ = 0;
};

}  // namespace driver
