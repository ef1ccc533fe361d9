// The content of every message, as a pure function of (seed, connection, sequence, offset). Because it is a
// function, neither side of the generator stores a message: a rest that could not be sent is produced again,
// and an answer is verified piece by piece as it arrives.
//
// A message of 16 bytes or more starts with a header: connection (u32), a tag of the run (u32), sequence
// (u64), all little-endian. The rest, and the whole of a shorter message, is cut from one random table in
// blocks; each block starts at an offset hashed from the message and the block's number. So producing is
// memcpy, verifying is memcmp, and a server that swaps two pieces of one message is found out too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "random.h"

namespace loadgen {

struct MessageId {
  uint32_t connection;
  uint64_t sequence;
};

class Pattern {
 public:
  static constexpr size_t kHeaderBytes = 16;

  Pattern(uint64_t seed, size_t payloadBytes);

  size_t payloadBytes() const { return payloadBytes_; }
  /// Writes bytes [offset, offset + count) of a message.
  void fill(MessageId id, size_t offset, uint8_t* out, size_t count) const;
  /// How many of the leading `count` bytes at `data` equal the message from `offset` on; `count` when all do.
  size_t match(MessageId id, size_t offset, const uint8_t* data, size_t count) const;
  /// Says in words what is wrong with `data`, which `match` found to differ from the message.
  std::string explain(MessageId id, size_t offset, const uint8_t* data, size_t count) const;

 private:
  static constexpr size_t kBlockBytes = 16 * 1024;
  static constexpr size_t kStarts = 32 * 1024;

  struct Slice {
    const uint8_t* bytes;
    size_t count;
  };
  std::array<uint8_t, kHeaderBytes> header(MessageId id) const;
  Slice slice(MessageId id, size_t offset, size_t count) const {
    const size_t block = offset / kBlockBytes;
    const size_t within = offset % kBlockBytes;
    const uint64_t hash = mix(seed_ ^ (id.sequence * 0x9e3779b97f4a7c15U) ^ (uint64_t{id.connection} << 40) ^
                              (uint64_t{block} << 20));
    return {table_.data() + hash % kStarts + within,
            count < kBlockBytes - within ? count : kBlockBytes - within};
  }
  std::string nameOther(MessageId id, size_t offset, const uint8_t* data, size_t count) const;

  uint64_t seed_;
  uint32_t tag_;
  size_t payloadBytes_;
  size_t headerBytes_;
  std::vector<uint8_t> table_;
};

}  // namespace loadgen
