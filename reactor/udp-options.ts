/** What a UDP socket is opened with, checked. */
import type { NativeDatagramOptions } from "../native/index.ts";
import { OptionChecks } from "./options.ts";

/** What the receive memory of a batch has room for, less a peer's address; IPv4 itself allows three bytes more. */
export const LARGEST_DATAGRAM_BYTES = 65_504;
const LARGEST_BUFFER_BYTES = 1024 * 1024 * 1024;

export interface UdpAddress {
  /** An IPv4 or IPv6 address, or a name that is looked up; 127.0.0.1 by default. */
  host?: string;
  /** 0, the default, lets the kernel choose. */
  port?: number;
  /** What the thread sleeps in: see `multiplexers()`; "epoll" by default. One kind per thread at a time. */
  multiplexer?: string;
  /** Lets other threads and processes have the same port; the kernel spreads the senders. */
  reusePort?: boolean;
  /** Leaves IPv4 to others where `host` is an IPv6 address such as "::". */
  ipv6Only?: boolean;
  /** Longer datagrams are counted as truncated, and not delivered; 2048 by default, 65,504 at most. */
  largestBytes?: number;
  /** What the kernel may hold each way (SO_RCVBUF, SO_SNDBUF; it doubles both); its own choice by default. */
  receiveBufferBytes?: number;
  sendBufferBytes?: number;
}

export interface CheckedUdpOptions extends NativeDatagramOptions {
  multiplexer: string;
}

/** Rejects with a `ReactorError` that says which option is wrong and what it may be. */
export async function checkUdpOptions(options: UdpAddress): Promise<CheckedUdpOptions> {
  const check = new OptionChecks("udp");
  const buffer = (name: "receiveBufferBytes" | "sendBufferBytes"): number =>
    check.integer(name, options[name] ?? 0, 0, LARGEST_BUFFER_BYTES);
  return {
    multiplexer: check.multiplexer(options.multiplexer ?? "epoll"),
    reusePort: options.reusePort ?? false,
    ipv6Only: options.ipv6Only ?? false,
    host: await check.address(options.host ?? "127.0.0.1", 0),
    port: check.integer("port", options.port ?? 0, 0, 65_535),
    largestBytes: check.integer("largestBytes", options.largestBytes ?? 2048, 1, LARGEST_DATAGRAM_BYTES),
    receiveBufferBytes: buffer("receiveBufferBytes"),
    sendBufferBytes: buffer("sendBufferBytes"),
  };
}
