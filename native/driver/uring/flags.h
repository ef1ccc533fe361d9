// What the completion driver needs of io_uring that is younger than the headers of some distributions.
#pragma once

#include <linux/io_uring.h>

#include <cstdint>

#ifndef IORING_SETUP_SUBMIT_ALL
#define IORING_SETUP_SUBMIT_ALL (1U << 7)
#endif

namespace driver {

constexpr uint16_t kAcceptMultishot = 1u << 0;
constexpr uint16_t kReceiveMultishot = 1u << 1;
constexpr int kCancelAll = 1 << 0;
constexpr int kCancelAny = 1 << 2;
/// The ring has one group of buffers.
constexpr uint16_t kBufferGroup = 0;

}  // namespace driver
