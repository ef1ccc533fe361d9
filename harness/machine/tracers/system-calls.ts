/**
 * The system calls that say how a server works, in the groups a report shows, and their numbers, which the kernel
 * promises never to change. A tracer that needs a list of calls gets these and counts all others together.
 */

export const SYSTEM_CALL_GROUPS = {
  /** What multiplexers sleep in. */
  wait: [
    ...["epoll_pwait", "epoll_pwait2", "epoll_wait", "poll", "ppoll", "select", "pselect6"],
    "io_uring_enter",
  ],
  read: ["read", "recvfrom", "recvmsg", "readv"],
  write: ["write", "sendto", "sendmsg", "writev"],
} as const satisfies Record<string, readonly string[]>;

/** Stands for all calls that a tracer counted without their names. */
export const UNNAMED = "other";

/** By processor architecture as Node.js calls it, then by name; an architecture lacks the calls it never had. */
const NUMBERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: {
    ...{
      epoll_pwait: 281,
      epoll_pwait2: 441,
      epoll_wait: 232,
      poll: 7,
      ppoll: 271,
      select: 23,
      pselect6: 270,
    },
    ...{ io_uring_enter: 426, read: 0, recvfrom: 45, recvmsg: 47, readv: 19 },
    ...{ write: 1, sendto: 44, sendmsg: 46, writev: 20 },
    ...{ accept: 43, accept4: 288, close: 3, shutdown: 48, epoll_ctl: 233, setsockopt: 54, futex: 202 },
  },
  arm64: {
    ...{ epoll_pwait: 22, epoll_pwait2: 441, ppoll: 73, pselect6: 72 },
    ...{ io_uring_enter: 426, read: 63, recvfrom: 207, recvmsg: 212, readv: 65 },
    ...{ write: 64, sendto: 206, sendmsg: 211, writev: 66 },
    ...{ accept: 202, accept4: 242, close: 57, shutdown: 210, epoll_ctl: 21, setsockopt: 208, futex: 98 },
  },
};

/** Names and numbers of the calls that are counted separately; null on an architecture this table does not know. */
export function systemCallNumbers(architecture: string): [name: string, number: number][] | null {
  const numbers = NUMBERS[architecture];
  return numbers === undefined ? null : Object.entries(numbers);
}
