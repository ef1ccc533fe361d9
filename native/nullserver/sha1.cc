// SHA-1 over a short text held in memory, and base64 of its 20 bytes.
#include "sha1.h"

#include <array>
#include <bit>
#include <cstdint>

namespace nullserver {

namespace {

using State = std::array<uint32_t, 5>;

/// The text with a one bit, zeros, and its length in bits, so that it fills whole blocks of 64 bytes.
std::string padded(std::string_view text) {
  std::string bytes(text);
  bytes += '\x80';
  while (bytes.size() % 64 != 56) bytes += '\0';
  const uint64_t bits = uint64_t{text.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(bits >> shift);
  return bytes;
}

void addBlock(State& state, const char* block) {
  std::array<uint32_t, 80> words;
  for (size_t i = 0; i < 16; ++i) {
    words[i] = 0;
    for (size_t j = 0; j < 4; ++j) words[i] = words[i] << 8 | static_cast<uint8_t>(block[4 * i + j]);
  }
  for (size_t i = 16; i < 80; ++i)
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  auto [a, b, c, d, e] = state;
  for (size_t i = 0; i < 80; ++i) {
    uint32_t mixed;
    if (i < 20)
      mixed = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40)
      mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60)
      mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else
      mixed = (b ^ c ^ d) + 0xca62c1d6;
    const uint32_t next = std::rotl(a, 5) + mixed + e + words[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

}  // namespace

std::string sha1Base64(std::string_view text) {
  State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const std::string bytes = padded(text);
  for (size_t at = 0; at < bytes.size(); at += 64) addBlock(state, bytes.data() + at);

  // 20 bytes are 27 digits of six bits, the last with two bits of zero behind it, and one sign of padding.
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byteAt = [&state](size_t i) {
    return i < 20 ? static_cast<uint8_t>(state[i / 4] >> (24 - 8 * (i % 4))) : uint8_t{0};
  };
  std::string result;
  for (size_t i = 0; i < 21; i += 3) {
    const uint32_t triple = uint32_t{byteAt(i)} << 16 | uint32_t{byteAt(i + 1)} << 8 | byteAt(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) result += kDigits[triple >> shift & 63];
  }
  result.back() = '=';
  return result;
}

}  // namespace nullserver
