// Producing, verifying and explaining message content; see pattern.h for its layout.
#include "pattern.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace loadgen {

Pattern::Pattern(uint64_t seed, size_t payloadBytes)
    : seed_(mix(seed + 0x9e3779b97f4a7c15U)),
      tag_(static_cast<uint32_t>(mix(seed_ + 1))),
      payloadBytes_(payloadBytes),
      headerBytes_(payloadBytes >= kHeaderBytes ? kHeaderBytes : 0),
      table_(kStarts + kBlockBytes) {
  Random random(seed_ + 2);
  for (size_t i = 0; i < table_.size(); i += sizeof(uint64_t)) {
    const uint64_t word = random.next();
    std::memcpy(table_.data() + i, &word, sizeof word);
  }
}

std::array<uint8_t, Pattern::kHeaderBytes> Pattern::header(MessageId id) const {
  std::array<uint8_t, kHeaderBytes> bytes;
  std::memcpy(bytes.data(), &id.connection, 4);
  std::memcpy(bytes.data() + 4, &tag_, 4);
  std::memcpy(bytes.data() + 8, &id.sequence, 8);
  return bytes;
}

void Pattern::fill(MessageId id, size_t offset, uint8_t* out, size_t count) const {
  if (offset < headerBytes_) {
    const auto head = header(id);
    const size_t part = std::min(count, headerBytes_ - offset);
    std::memcpy(out, head.data() + offset, part);
    offset += part;
    out += part;
    count -= part;
  }
  while (count > 0) {
    const Slice piece = slice(id, offset, count);
    std::memcpy(out, piece.bytes, piece.count);
    offset += piece.count;
    out += piece.count;
    count -= piece.count;
  }
}

static size_t firstDifference(const uint8_t* left, const uint8_t* right, size_t count) {
  return static_cast<size_t>(std::mismatch(left, left + count, right).first - left);
}

size_t Pattern::match(MessageId id, size_t offset, const uint8_t* data, size_t count) const {
  size_t done = 0;
  if (offset < headerBytes_) {
    const auto head = header(id);
    const size_t part = std::min(count, headerBytes_ - offset);
    if (std::memcmp(data, head.data() + offset, part) != 0)
      return firstDifference(data, head.data() + offset, part);
    done = part;
  }
  while (done < count) {
    const Slice piece = slice(id, offset + done, count - done);
    if (std::memcmp(data + done, piece.bytes, piece.count) != 0)
      return done + firstDifference(data + done, piece.bytes, piece.count);
    done += piece.count;
  }
  return count;
}

/// Names the message that `data` really belongs to, or returns an empty string when that cannot be found
/// out.
std::string Pattern::nameOther(MessageId id, size_t offset, const uint8_t* data, size_t count) const {
  if (headerBytes_ > 0 && offset == 0 && count >= kHeaderBytes) {
    MessageId found;
    uint32_t tag;
    std::memcpy(&found.connection, data, 4);
    std::memcpy(&tag, data + 4, 4);
    std::memcpy(&found.sequence, data + 8, 8);
    if (tag != tag_) return {};
    if (found.connection != id.connection)
      return "these are the bytes of connection " + std::to_string(found.connection) + ", message " +
             std::to_string(found.sequence);
    if (found.sequence < id.sequence) return "message " + std::to_string(found.sequence) + " arrived again";
    if (found.sequence > id.sequence)
      return "message " + std::to_string(found.sequence) +
             " arrived in its place, so one was lost or reordered";
    return {};
  }
  // Without a header only a long enough run of bytes can name its message; nearby sequence numbers are tried.
  if (count < 8) return {};
  const uint64_t first = id.sequence > 64 ? id.sequence - 64 : 0;
  for (uint64_t sequence = first; sequence <= id.sequence + 64; ++sequence) {
    const MessageId other{id.connection, sequence};
    if (sequence != id.sequence && match(other, offset, data, count) == count)
      return "these bytes are those of message " + std::to_string(sequence);
  }
  return {};
}

std::string Pattern::explain(MessageId id, size_t offset, const uint8_t* data, size_t count) const {
  const std::string other = nameOther(id, offset, data, count);
  if (!other.empty()) return other;
  const size_t at = match(id, offset, data, count);
  if (at == count) return "the bytes are as expected";
  uint8_t expected;
  fill(id, offset + at, &expected, 1);
  const auto changed = static_cast<uint8_t>(expected ^ data[at]);
  const std::string place = "byte " + std::to_string(offset + at) + " of " + std::to_string(payloadBytes_);
  if (std::has_single_bit(changed))
    return "bit " + std::to_string(std::countr_zero(changed)) + " of " + place + " is flipped";
  return place + " is " + std::to_string(data[at]) + ", expected " + std::to_string(expected);
}

}  // namespace loadgen
