/** The other ends of UDP: their addresses as people write them, and as the kernel does. */
import { endianness } from "node:os";
import { isIP, SocketAddress } from "node:net";
import { PEER_BYTES } from "./layout.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const IS_LITTLE_ENDIAN = endianness() === "LE";
const PORT_AT = 2;
const IPV4_AT = 4;
const IPV6_AT = 8;
const IPV6_BYTES = 16;
/** More are not remembered, so that whoever invents senders does not fill the memory. */
const MOST_REMEMBERED = 4096;

export class UdpPeer {
  readonly address: string;
  readonly port: number;
  /** For the reactor only: as `struct sockaddr_in` or `sockaddr_in6` has it. */
  readonly bytes: Uint8Array;

  constructor(address: string, port: number, bytes: Uint8Array) {
    this.address = address;
    this.port = port;
    this.bytes = bytes;
  }
}

/** `address` must be numeric, which is checked before. */
export function peerAt(address: string, port: number): UdpPeer {
  const bytes = new Uint8Array(PEER_BYTES);
  const view = new DataView(bytes.buffer);
  const isV4 = isIP(address) === 4;
  view.setUint16(0, isV4 ? AF_INET : AF_INET6, IS_LITTLE_ENDIAN);
  view.setUint16(PORT_AT, port);
  if (isV4) bytes.set(address.split(".").map(Number), IPV4_AT);
  else bytes.set(groupsOf(address), IPV6_AT);
  return new UdpPeer(address, port, bytes);
}

/** Peers by their addresses, so that one who sends again and again is read once. */
export class Peers {
  readonly #remembered = new Map<number | string, UdpPeer>();

  /** The peer whose address lies at `at`. */
  read(memory: DataView, at: number): UdpPeer {
    const port = memory.getUint16(at + PORT_AT);
    const isV4 = memory.getUint16(at, IS_LITTLE_ENDIAN) === AF_INET;
    const key = isV4
      ? memory.getUint32(at + IPV4_AT) * 0x10000 + port
      : Buffer.from(memory.buffer, memory.byteOffset + at, IPV6_AT + IPV6_BYTES + 4).toString("latin1");
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset + at, PEER_BYTES).slice();
    const peer = new UdpPeer(isV4 ? v4(bytes) : v6(bytes), port, bytes);
    this.#remembered.set(key, peer);
    return peer;
  }
}

function v4(bytes: Uint8Array): string {
  return bytes.subarray(IPV4_AT, IPV4_AT + 4).join(".");
}

/** In its shortest form, as Node.js writes it. */
function v6(bytes: Uint8Array): string {
  const groups = Array.from({ length: IPV6_BYTES / 2 }, (_, index) =>
    ((bytes[IPV6_AT + 2 * index]! << 8) | bytes[IPV6_AT + 2 * index + 1]!).toString(16),
  );
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

/** The sixteen bytes of an IPv6 address in any of its forms. */
function groupsOf(address: string): number[] {
  const plain = address.split("%")[0]!;
  // An IPv4 address may stand for the last two groups.
  const [, head = plain, tail] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain) ?? [];
  const last = tail === undefined ? [] : tail.split(".").map(Number);
  const text = tail === undefined ? head : head.replace(/([^:]):$/, "$1");
  const [before = "", after] = text.split("::");
  const bytesOf = (part: string): number[] =>
    part
      .split(":")
      .filter((group) => group !== "")
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
  const [front, back] = [bytesOf(before), [...bytesOf(after ?? ""), ...last]];
  return [...front, ...Array<number>(IPV6_BYTES - front.length - back.length).fill(0), ...back];
}
