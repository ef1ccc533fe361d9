// Reading a list of delays.
#include "delays.h"

#include <cstdio>
#include <stdexcept>

namespace nullserver {

Delays::Delays(const std::string& text, uint64_t seed) : random_(seed) {
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    Part part{};
    int read = 0;
    const std::string piece = text.substr(start, end - start);
    if (std::sscanf(piece.c_str(), "%lf:%ld%n", &part.share, &part.ns, &read) != 2 ||
        static_cast<size_t>(read) != piece.size() || part.share < 0 || part.ns < 0)
      throw std::invalid_argument("'" + piece + "' is not SHARE:NANOSECONDS");
    parts_.push_back(part);
    start = end + 1;
  }
  if (parts_.empty()) throw std::invalid_argument("--delays is empty; it lists SHARE:NANOSECONDS");
}

}  // namespace nullserver
