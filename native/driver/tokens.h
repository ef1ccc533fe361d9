// Tokens of what is no connection. A slot number stays below the first of these.
#pragma once

#include "handler.h"

namespace driver {

constexpr uint32_t kFirstListenerSlot = 0x40000000;
constexpr Token kWakeToken = ~Token{0};

/// A listener's number is never used again, so it needs no generation.
constexpr Token listenerToken(uint32_t listener) { return tokenOf(kFirstListenerSlot + listener, 0); }
constexpr bool isListener(Token token) { return slotOf(token) >= kFirstListenerSlot; }
constexpr uint32_t listenerOf(Token token) { return slotOf(token) - kFirstListenerSlot; }

}  // namespace driver
