/** How many file descriptors a process may have, and how many it needs for itself. */
import { readFileSync } from "node:fs";

/** Descriptors a process needs beside its connections: epoll, pipes, libuv, the addon, a listening socket per shard. */
export const SPARE_DESCRIPTORS = 100;

/** The most descriptors a child may open: the hard limit, to which Node.js raises itself; null when it is not known. */
export function openFileLimit(): number | null {
  const hard = /Max open files\s+\S+\s+(\S+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  if (hard === undefined) return null;
  return hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
}
