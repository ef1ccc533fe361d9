// How much of something one connection or listener has had in the current turn.
#pragma once

#include <cstdint>

namespace driver {

class TurnShare {
 public:
  /// What was had in this turn; an old share is recognised by the number of its turn, so that none has to be
  /// set back. The numbers come again after some days: one that happens to be met then has its turn a bit
  /// later.
  uint32_t& in(uint32_t turn) {
    if (turn_ != turn) used_ = 0;
    turn_ = turn;
    return used_;
  }

 private:
  uint32_t turn_ = 0;
  uint32_t used_ = 0;
};

}  // namespace driver
