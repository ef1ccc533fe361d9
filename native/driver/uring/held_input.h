// What the completion driver received and has not delivered yet, in the order in which it came: bytes, and an
// error behind them.
//
// What is beyond the share of a turn stays in the kernel's buffers, because the next turn delivers it. What
// arrives in a pause is copied, because a pause has no end that is known, and a few paused connections would
// leave no buffers for the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace driver {

class HeldInput {
 public:
  /// A buffer of the ring, and how many bytes lie in it.
  struct Piece {
    uint16_t buffer;
    uint16_t bytes;
  };

  /// An errno that ends the connection when the bytes were delivered; 0 for none.
  int error = 0;

  bool empty() const { return !hasPieces() && !hasCopy() && error == 0; }
  bool hasPieces() const { return firstPiece_ < pieces_.size(); }
  bool hasCopy() const { return copyDelivered_ < copy_.size(); }

  void addPiece(Piece piece) { pieces_.push_back(piece); }
  Piece nextPiece() const { return pieces_[firstPiece_]; }
  Piece takePiece() {
    const Piece piece = pieces_[firstPiece_++];
    if (!hasPieces()) clearPieces();
    return piece;
  }

  /// Only when there are no pieces, which would come before it.
  void addCopy(std::span<const uint8_t> bytes) { copy_.insert(copy_.end(), bytes.begin(), bytes.end()); }
  /// What was copied and not delivered.
  std::span<const uint8_t> copy() const { return std::span(copy_).subspan(copyDelivered_); }
  void takeCopy(size_t count) {
    copyDelivered_ += count;
    if (!hasCopy()) clearCopy();
  }
  void clearCopy() {
    copy_ = {};
    copyDelivered_ = 0;
  }

 private:
  void clearPieces() {
    pieces_.clear();
    firstPiece_ = 0;
  }

  std::vector<Piece> pieces_;
  size_t firstPiece_ = 0;
  std::vector<uint8_t> copy_;
  size_t copyDelivered_ = 0;
};

}  // namespace driver
