// The pool that connections live in.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "connection.h"

namespace driver {

/// Slots never move, so a reference survives whatever a handler does. The generation of a slot distinguishes
/// the connections that have it one after the other.
class Slots {
 public:
  /// Each driver has its own kind of connection, which adds what that driver alone needs to the common part.
  template <class Own>
    requires std::derived_from<Own, Connection>
  static Slots of(uint32_t limit) {
    const auto make = [](Connection*& first) -> std::shared_ptr<void> {
      // A connection cannot be copied, and make_shared would copy one into all.
      const std::shared_ptr<Own[]> chunk = std::make_unique<Own[]>(kChunk);
      first = chunk.get();
      return chunk;
    };
    const auto renew = [](Connection& connection) { static_cast<Own&>(connection) = Own(); };
    return {limit, sizeof(Own), make, renew};
  }

  /// Null when all are taken.
  Connection* acquire() {
    if (!free_.empty()) {
      const uint32_t slot = free_.back();
      free_.pop_back();
      return &at(slot);
    }
    if (size_ == limit_) return nullptr;
    if (size_ == firsts_.size() << kChunkBits) {
      firsts_.push_back(nullptr);
      chunks_.push_back(make_(firsts_.back()));
    }
    Connection& fresh = at(size_);
    fresh.slot = size_++;
    return &fresh;
  }

  void release(Connection& connection) {
    const uint32_t slot = connection.slot;
    const uint32_t next = connection.generation + 1;
    renew_(connection);
    connection.slot = slot;
    connection.generation = next;
    free_.push_back(slot);
  }

  /// Null when the connection is gone.
  Connection* find(Token token) {
    const uint32_t slot = slotOf(token);
    if (slot >= size_) return nullptr;
    Connection& connection = at(slot);
    return connection.open() && connection.generation == generationOf(token) ? &connection : nullptr;
  }

  /// Slots ever used; those in use are among them.
  uint32_t size() const { return size_; }
  Connection& at(uint32_t slot) {
    // The connections of a chunk are an array whose elements are larger than a Connection.
    auto* const first = reinterpret_cast<std::byte*>(firsts_[slot >> kChunkBits]);
    return *reinterpret_cast<Connection*>(first + (slot & (kChunk - 1)) * bytes_);
  }

 private:
  static constexpr uint32_t kChunkBits = 8;
  static constexpr uint32_t kChunk = 1u << kChunkBits;
  using Make = std::shared_ptr<void> (*)(Connection*& first);
  using Renew = void (*)(Connection& connection);

  Slots(uint32_t limit, size_t bytes, Make make, Renew renew)
      : limit_(limit), bytes_(bytes), make_(make), renew_(renew) {}

  uint32_t limit_;
  uint32_t size_ = 0;
  /// Of one connection.
  size_t bytes_;
  /// The first connection of each chunk.
  std::vector<Connection*> firsts_;
  std::vector<std::shared_ptr<void>> chunks_;
  std::vector<uint32_t> free_;
  Make make_;
  Renew renew_;
};

}  // namespace driver
