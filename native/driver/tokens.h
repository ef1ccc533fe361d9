// Tokens of what is no connection. A slot number stays below the first of these.
#pragma once

#include "handler.h"

namespace driver {

constexpr uint32_t kFirstListenerSlot = 0x40000000;
constexpr uint32_t kFirstDatagramSlot = 0x60000000;
constexpr Token kWakeToken = ~Token{0};

/// A listener's number is never used again, so it needs no generation.
constexpr Token listenerToken(uint32_t listener) { return tokenOf(kFirstListenerSlot + listener, 0); }
constexpr bool isListener(Token token) {
  return slotOf(token) >= kFirstListenerSlot && slotOf(token) < kFirstDatagramSlot;
}
constexpr uint32_t listenerOf(Token token) { return slotOf(token) - kFirstListenerSlot; }

/// The same for UDP sockets.
constexpr Token datagramToken(uint32_t number) { return tokenOf(kFirstDatagramSlot + number, 0); }
constexpr bool isDatagrams(Token token) { return slotOf(token) >= kFirstDatagramSlot && token != kWakeToken; }
constexpr uint32_t datagramsOf(Token token) { return slotOf(token) - kFirstDatagramSlot; }

}  // namespace driver
