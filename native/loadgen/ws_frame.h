// The first two bytes of a WebSocket frame (RFC 6455, section 5.2).
#pragma once

#include <cstdint>

namespace loadgen::ws {

constexpr uint8_t kContinuation = 0x0;
constexpr uint8_t kBinary = 0x2;
constexpr uint8_t kClose = 0x8;
constexpr uint8_t kPing = 0x9;
constexpr uint8_t kPong = 0xa;
/// In the first byte, beside the opcode.
constexpr uint8_t kFinal = 0x80;
/// In the second byte, beside the length.
constexpr uint8_t kMasked = 0x80;

}  // namespace loadgen::ws
