/** What handlers request, gathered in shared memory until native code executes it: when the batch or the loop turn ends. */
import type { NativeReactor } from "../native/index.ts";
import {
  COMMAND,
  COMMAND_CELLS,
  COMMAND_COUNT,
  COMMANDS_PER_FLUSH,
  OUTGOING_BYTES,
  OUTGOING_SLAB_BYTES,
  PEER_BYTES,
  type Command,
} from "./layout.ts";

/** `write` takes no more output of a connection when this much of it is unsent. */
const UNSENT_LIMIT_BYTES = 1024 * 1024;

export interface CommandMemory {
  received: ArrayBuffer;
  outgoing: ArrayBuffer;
  commands: ArrayBuffer;
  control: ArrayBuffer;
  unsentBytes: ArrayBuffer;
}

export class Commands {
  readonly #received: ArrayBuffer;
  readonly #outgoing: Uint8Array;
  readonly #cells: Int32Array;
  readonly #control: Int32Array;
  readonly #unsentBytes: Uint32Array;
  #native: NativeReactor | null = null;

  constructor(memory: CommandMemory) {
    this.#received = memory.received;
    this.#outgoing = new Uint8Array(memory.outgoing);
    this.#cells = new Int32Array(memory.commands);
    this.#control = new Int32Array(memory.control);
    this.#unsentBytes = new Uint32Array(memory.unsentBytes);
  }

  attach(native: NativeReactor | null): void {
    this.#native = native;
  }

  add(command: Command, slot: number, generation: number, offset: number, length: number): void {
    if (this.#control[COMMAND_COUNT]! >= COMMANDS_PER_FLUSH) this.#native?.flush();
    const count = this.#control[COMMAND_COUNT]!;
    const at = count * COMMAND_CELLS;
    const cells = this.#cells;
    cells[at] = command;
    cells[at + 1] = slot;
    cells[at + 2] = generation;
    cells[at + 3] = offset;
    cells[at + 4] = length;
    this.#control[COMMAND_COUNT] = count + 1;
  }

  /** Requests that bytes are sent, and returns how many were taken: fewer than offered at the limit of unsent bytes. */
  send(slot: number, generation: number, bytes: Uint8Array): number {
    const unsent = this.#unsentBytes[slot]!;
    const taken = Math.min(bytes.byteLength, UNSENT_LIMIT_BYTES - unsent);
    if (taken <= 0) return 0;
    if (bytes.buffer === this.#received) {
      // Received bytes stay in place until the commands were executed, so they are sent from where they lie.
      this.add(COMMAND.sendReceived, slot, generation, bytes.byteOffset, taken);
    } else {
      this.#makeRoom(taken);
      const offset = this.#control[OUTGOING_BYTES]!;
      this.#outgoing.set(taken === bytes.byteLength ? bytes : bytes.subarray(0, taken), offset);
      this.#control[OUTGOING_BYTES] = offset + taken;
      this.add(COMMAND.sendOutgoing, slot, generation, offset, taken);
    }
    this.#unsentBytes[slot] = this.#unsentBytes[slot]! + taken;
    return taken;
  }

  /** Requests that a datagram is sent. `peer` has the address of its receiver in `PEER_BYTES`. */
  sendDatagram(socket: number, peer: Uint8Array, bytes: Uint8Array): void {
    const needed = PEER_BYTES + bytes.byteLength;
    this.#makeRoom(needed);
    const at = this.#control[OUTGOING_BYTES]!;
    this.#outgoing.set(peer, at);
    this.#outgoing.set(bytes, at + PEER_BYTES);
    this.#control[OUTGOING_BYTES] = at + needed;
    this.add(COMMAND.sendOutgoingDatagram, socket, 0, at + PEER_BYTES, bytes.byteLength);
  }

  /** The same for a datagram that lies where it was received and goes back to its sender, whose address lies before it. */
  sendDatagramBack(socket: number, offset: number, length: number): void {
    this.add(COMMAND.sendReceivedDatagram, socket, 0, offset, length);
  }

  /** For so many bytes and one command, because whatever is flushed gives the place of its bytes to others. */
  #makeRoom(bytes: number): void {
    const isFull = this.#control[COMMAND_COUNT]! >= COMMANDS_PER_FLUSH;
    if (isFull || this.#control[OUTGOING_BYTES]! + bytes > OUTGOING_SLAB_BYTES) this.#native?.flush();
  }

  /** Bytes of this connection that the kernel has not taken yet. */
  unsentBytes(slot: number): number {
    return this.#unsentBytes[slot]!;
  }
}
