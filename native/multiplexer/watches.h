// What every back end remembers of its descriptors, by number, because descriptors are small and dense.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "multiplexer.h"

namespace multiplexer {

struct Watch {
  uint64_t token = 0;
  Readiness interest = 0;
  bool watched = false;
};

/// The watches of a back end. `Entry` is a Watch with whatever else the back end keeps; an entry stays in
/// place after its descriptor was removed, so that what it counts lives on when the number is used again.
template <class Entry = Watch>
class Watches {
 public:
  /// Throws std::logic_error when the descriptor is watched already or can be none.
  void requireFree(int fd) const {
    if (fd < 0) throw std::logic_error("A descriptor cannot be " + std::to_string(fd) + ".");
    if (isWatched(fd))
      throw std::logic_error("Descriptor " + std::to_string(fd) +
                             " is watched already; modify it, or remove it before its number is used again.");
  }

  /// Throws what `requireFree` throws. References to other entries become invalid.
  Entry& start(int fd, Readiness interest, uint64_t token) {
    requireFree(fd);
    if (static_cast<size_t>(fd) >= entries_.size()) entries_.resize(static_cast<size_t>(fd) + 1);
    Entry& entry = (*this)[fd];
    entry.watched = true;
    entry.interest = interest;
    entry.token = token;
    return entry;
  }

  /// Throws std::logic_error when the descriptor is not watched.
  Entry& of(int fd) {
    if (!isWatched(fd))
      throw std::logic_error("Descriptor " + std::to_string(fd) + " is not watched; add it first.");
    return (*this)[fd];
  }

  bool isWatched(int fd) const {
    return fd >= 0 && static_cast<size_t>(fd) < entries_.size() && entries_[static_cast<size_t>(fd)].watched;
  }

  /// Of a descriptor that is or was watched.
  Entry& operator[](int fd) { return entries_[static_cast<size_t>(fd)]; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace multiplexer
