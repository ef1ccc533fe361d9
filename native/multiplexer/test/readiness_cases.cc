// What is ready, and what the interest makes of it.
#include <poll.h>

#include "fixtures.h"
#include "suite.h"

namespace multiplexer::test {

CASE("data makes it readable, and not before", kind) {
  Subject set(kind);
  const Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(0), "", "What a wait brings before there is data");
  pair.far.send("hello");
  checkEqual<std::string>(wordOf(set.next()), "1:R", "What data bring");
}

CASE("room makes it writable, and a full socket is not", kind) {
  Subject set(kind);
  const Pair pair;
  pair.near.fill();
  set->add(pair.near.fd(), kWritable, 1);
  checkEqual<std::string>(set.wait(0), "", "What a full socket brings");
  while (!pair.near.is(POLLOUT)) pair.far.receive();
  checkEqual<std::string>(set.wait(-1), "1:W", "What room brings");
}

CASE("both directions come as one event", kind) {
  Subject set(kind);
  const Pair pair;
  pair.far.send("hello");
  pair.near.await(POLLIN);
  set->add(pair.near.fd(), kReadable | kWritable, 1);
  checkEqual<std::string>(set.wait(-1), "1:RW", "What a readable and writable socket brings");
}

CASE("an interest given up is silent", kind) {
  Subject set(kind);
  const Pair pair;
  pair.far.send("hello");
  pair.near.await(POLLIN);
  set->add(pair.near.fd(), kReadable | kWritable, 1);
  set->modify(pair.near.fd(), kWritable, 1);
  checkEqual<std::string>(set.wait(-1), "1:W", "What comes of unread data when only writing matters");
  set->modify(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(-1), "1:R", "What comes of room when only reading matters");
}

CASE("an interest that was taken back before the wait is silent", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  set.wait(0);
  signal(event);
  set->modify(event.fd(), 0, 1);
  checkEqual<std::string>(set.wait(0), "", "What comes without interest");
}

CASE("an interest that was changed before the wait is not taken for the new one", kind) {
  Subject set(kind);
  const Pair pair;
  pair.near.fill();
  set->add(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(0), "", "What comes before there is data");
  pair.far.send("hello");
  pair.near.await(POLLIN);
  set->modify(pair.near.fd(), kWritable, 2);
  checkEqual<std::string>(set.wait(0), "", "What a full socket brings to a writer");
  while (!pair.near.is(POLLOUT)) pair.far.receive();
  checkEqual<std::string>(set.wait(-1), "2:W", "What room brings to a writer");
}

CASE("a thousand changes leave it working", kind) {
  Subject set(kind);
  // The number of requests in a round does not divide a queue of 256, so every place of it serves every
  // purpose.
  const Descriptor unready[2] = {idle(), idle()};
  const Descriptor ready = idle();
  signal(ready);
  for (const Descriptor& event : unready) set->add(event.fd(), kReadable, 1);
  set->add(ready.fd(), kReadable, 2);
  for (int time = 0; time < 1000; ++time) {
    checkEqual<std::string>(set.wait(0), kind.edgeTriggered && time > 0 ? "" : "2:R",
                            "What comes between changes");
    for (const Descriptor& event : unready) set->modify(event.fd(), time % 2 == 0 ? 0 : kReadable, 1);
  }
  signal(unready[0]);
  checkEqual<std::string>(set.wait(-1), kind.edgeTriggered ? "1:R" : "1:R 2:R",
                          "What comes after the changes");
}

CASE("no interest is silent, even at the end", kind) {
  Subject set(kind);
  Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  set->modify(pair.near.fd(), 0, 1);
  pair.far.send("hello");
  pair.far.reset();
  pair.near.await(POLLHUP);
  checkEqual<std::string>(set.wait(1'000'000), "", "What a reset brings without interest");
  set->modify(pair.near.fd(), kReadable, 2);
  checkEqual<std::string>(wordOf(set.next()), kind.reportsClosed ? "2:RC" : "2:R",
                          "What the same reset brings later");
}

CASE("added without interest, it is silent until it gets one", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  signal(event);
  set->add(event.fd(), 0, 1);
  checkEqual<std::string>(set.wait(0), "", "What comes without interest");
  set->modify(event.fd(), kReadable, 2);
  checkEqual<std::string>(set.wait(-1), "2:R", "What comes with interest");
}

CASE("a connection makes a listening socket readable", kind) {
  Subject set(kind);
  const Descriptor listener = listening();
  set->add(listener.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(0), "", "What comes before a client");
  const Descriptor client = connecting(listener);
  checkEqual<std::string>(wordOf(set.next()), "1:R", "What a client brings");
}

CASE("the peer's end is readable, and the other direction stays open", kind) {
  Subject set(kind);
  const Pair pair;
  pair.far.endWriting();
  pair.near.await(POLLIN);
  set->add(pair.near.fd(), kReadable | kWritable, 1);
  checkEqual<std::string>(set.wait(-1), kind.edgeTriggered ? "1:RWE" : "1:RW", "What the peer's end brings");
}

CASE("the peer's end after its data is reported, by an edge as the end", kind) {
  Subject set(kind);
  const Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  pair.far.send("last words");
  pair.near.await(POLLIN);
  checkEqual<std::string>(set.wait(-1), "1:R", "What data before the end bring");
  checkEqual<std::string>(pair.near.receive(), "last words", "What can be read before the end");
  pair.far.endWriting();
  pair.near.await(POLLIN);
  checkEqual<std::string>(set.wait(-1), kind.edgeTriggered ? "1:RE" : "1:R", "What the end brings");
}

CASE("a reset is readable and closed", kind) {
  Subject set(kind);
  Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(0), "", "What comes before the reset");
  pair.far.reset();
  pair.near.await(POLLHUP);
  checkEqual<std::string>(set.wait(-1), kind.reportsClosed ? "1:RC" : "1:R",
                          "What a reset brings to a reader");
}

CASE("a reset is writable and closed to who only writes", kind) {
  Subject set(kind);
  Pair pair;
  pair.near.fill();
  pair.far.reset();
  pair.near.await(POLLHUP);
  set->add(pair.near.fd(), kWritable, 1);
  checkEqual<std::string>(set.wait(-1), kind.reportsClosed ? "1:WC" : "1:W",
                          "What a reset brings to a writer");
}

CASE("a hang-up leaves the unread data to be read", kind) {
  Subject set(kind);
  Pair pair;
  pair.near.endWriting();
  pair.far.send("last words");
  pair.far.close();
  pair.near.await(POLLHUP);
  set->add(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(-1), kind.reportsClosed ? "1:RC" : "1:R", "What a hang-up brings");
  checkEqual<std::string>(pair.near.receive(), "last words", "What can be read after a hang-up");
}

CASE("unread data are reported again, or once by an edge", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  signal(event);
  checkEqual<std::string>(set.wait(-1), "1:R", "What data bring");
  for (int time = 0; time < 3; ++time)
    checkEqual<std::string>(set.wait(0), kind.edgeTriggered ? "" : "1:R", "What unread data bring again");
}

CASE("new data are reported again", kind) {
  Subject set(kind);
  const Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  for (int time = 0; time < 3; ++time) {
    pair.far.send("hello");
    checkEqual<std::string>(wordOf(set.next()), "1:R", "What new data bring");
  }
}

CASE("a change reports again what is still ready", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  signal(event);
  set->add(event.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(-1), "1:R", "What data bring");
  set->modify(event.fd(), kReadable, 2);
  checkEqual<std::string>(set.wait(0), "2:R", "What unread data bring after a change");
}

CASE("what was read is not reported again", kind) {
  Subject set(kind);
  const Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  pair.far.send("hello");
  set.next();
  checkEqual<std::string>(pair.near.receive(), "hello", "What can be read");
  checkEqual<std::string>(set.wait(0), "", "What comes after reading");
}

}  // namespace multiplexer::test
