/** What each step, failure and loss is, for somebody who learns it here. */
import type { ConnectFailure, Step } from "./connection.ts";

export const STEPS: Record<Step, string> = {
  socket: "The kernel makes a socket, which has no address yet.",
  bind: "It gets an address of its own: here 127.0.0.1 and a port that the kernel chooses. Most clients leave this to connect.",
  connect:
    "SYN, SYN and ACK, ACK. The kernel of the server answers by itself: the server's accept comes later, and only takes the finished connection out of a queue.",
  send: "The bytes go into the kernel's send buffer, and on loopback straight to the other socket.",
  answer: "The server is woken, accepts, reads and answers. This is what servers differ in.",
  shutdown: "FIN: the client will send no more, and can still receive.",
  end: "The server sees the end, closes its side, and its FIN makes the client's recv return 0.",
  close: "The descriptor is gone. The side that sent the first FIN keeps its port for a minute (TIME_WAIT).",
};

export const WAYS: Record<ConnectFailure["way"], string> = {
  refused: "Nobody listens on the port, and the kernel says so with RST at once.",
  unreachable:
    "There is no route to the address, so not even a SYN is sent. Shown in a network namespace without any.",
  reset: "The server accepts and closes with RST: connect succeeds, and the next recv fails.",
  timedOut:
    "The server's accept queue is full, so the kernel drops the SYN. The client sends it again, here once and usually six times, which is over two minutes.",
};
