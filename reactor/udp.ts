/** A UDP socket of the reactor. */
import { isIP } from "node:net";
import type { DatagramCounts } from "../native/index.ts";
import { ReactorError, systemError } from "./error.ts";
import { PEER_BYTES } from "./layout.ts";
import { peerAt, Peers, type UdpPeer } from "./peer.ts";
import type { Shared } from "./socket.ts";
import { LARGEST_DATAGRAM_BYTES } from "./udp-options.ts";

export interface UdpHandlers<Data = unknown> {
  /** `chunk` is one whole datagram, valid only during the call; `from` may be kept. */
  data?(socket: UdpSocket<Data>, chunk: Buffer, from: UdpPeer): void;
  /** The kernel refused to send a datagram, for example with EMSGSIZE; without a handler `counters` alone show it. */
  error?(socket: UdpSocket<Data>, error: ReactorError): void;
}

export class UdpSocket<Data = unknown> {
  /** Yours. */
  data: Data = undefined as Data;
  readonly port: number;
  readonly #handlers: UdpHandlers<Data>;
  readonly #number: number;
  readonly #shared: Shared;
  readonly #received: DataView;
  readonly #peers = new Peers();
  readonly #onClosed: () => void;
  /** Where the datagram lies that is being delivered; negative when there is none. */
  #chunkAt = -1;
  #sender: UdpPeer | null = null;
  #isOpen = true;
  /** What it did, once it is closed; nobody knows it of one whose multiplexer failed. */
  #counts: DatagramCounts | null = null;
  #isReferenced = true;
  #delivered = 0;

  constructor(
    { socket, port }: { socket: number; port: number },
    handlers: UdpHandlers<Data>,
    shared: Shared,
    received: ArrayBuffer,
    onClosed: () => void,
  ) {
    this.port = port;
    this.#number = socket;
    this.#handlers = handlers;
    this.#shared = shared;
    this.#received = new DataView(received);
    this.#onClosed = onClosed;
    shared.references.add();
  }

  /**
   * Sends one datagram when the batch or the loop's turn ends, together with the others of that time. UDP loses what the network
   * or the kernel has no room for; `counters().unsent` are those that were lost here. Does nothing when the socket is closed.
   */
  send(bytes: Uint8Array | string, to: UdpPeer): void {
    if (!this.#isOpen) return;
    const datagram = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    if (datagram.byteLength > LARGEST_DATAGRAM_BYTES)
      throw new ReactorError(
        `A datagram has at most ${LARGEST_DATAGRAM_BYTES} bytes, but this one has ${datagram.byteLength}; send it in several.`,
        "send",
        0,
      );
    const { commands } = this.#shared;
    const isEcho = to === this.#sender && datagram.byteOffset === this.#chunkAt;
    if (isEcho && datagram.buffer === this.#received.buffer)
      commands.sendDatagramBack(this.#number, datagram.byteOffset, datagram.byteLength);
    else commands.sendDatagram(this.#number, to.bytes, datagram);
  }

  /** A numeric address to send to. Keep it, because making one costs more than sending. */
  peer(address: string, port: number): UdpPeer {
    if (isIP(address) === 0 || address.includes("%") || !Number.isInteger(port) || port < 1 || port > 65_535)
      throw new ReactorError(
        `A peer has a numeric address without a zone and a port from 1 to 65535, but this one is ${address}, ${port}; resolve names first.`,
        "peer",
        0,
      );
    return peerAt(address, port);
  }

  /** What it did so far, also when it is closed. Throws when its multiplexer failed. */
  counters(): DatagramCounts {
    return this.#counts ?? this.#shared.native.datagramCounts(this.#number);
  }

  /** Sends what was to be sent, and frees the port. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const counts = this.#shared.native.closeDatagrams(this.#number);
    // Those of this batch that no handler gets any more.
    const undelivered = counts.received - this.#delivered;
    this.#counts = { ...counts, received: this.#delivered, lost: counts.lost + undelivered };
    this.unref();
    this.#onClosed();
  }

  /** Lets the thread end although the socket is open. */
  unref(): void {
    if (!this.#isReferenced) return;
    this.#isReferenced = false;
    this.#shared.references.remove();
  }

  /** Keeps the thread running as long as the socket is open, which it does until `unref`. */
  ref(): void {
    if (this.#isReferenced || !this.#isOpen) return;
    this.#isReferenced = true;
    this.#shared.references.add();
  }

  /** For the reactor only. */
  deliver(chunk: Buffer): void {
    this.#delivered += 1;
    this.#chunkAt = chunk.byteOffset;
    this.#sender = this.#peers.read(this.#received, chunk.byteOffset - PEER_BYTES);
    try {
      this.#handlers.data?.(this, chunk, this.#sender);
    } finally {
      this.#chunkAt = -1;
    }
  }

  /** For the reactor only. */
  refused(errno: number): void {
    this.#handlers.error?.(this, systemError("A datagram could not be sent", "sendmmsg", errno));
  }

  /** For the reactor only: the multiplexer failed, and everything is closed already. */
  lose(): void {
    this.#isOpen = false;
  }
}
