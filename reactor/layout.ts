/**
 * The shared memory of the crossing between native code and JavaScript. native/reactor/layout.h says the same to C++;
 * change both together.
 */

/** 32-bit integers of one event: slot, generation, kind, offset, length. */
export const EVENT_CELLS = 5;
export const EVENT = {
  open: 0,
  data: 1,
  drain: 2,
  end: 3,
  close: 4,
  rejected: 5,
  datagram: 6,
  refused: 7,
} as const;
/** In place of the listener: the connection is an outgoing one. */
export const OUTGOING = -1;

/** 32-bit integers of one command: operation, slot, generation, offset, length. */
export const COMMAND_CELLS = 5;
export const COMMAND = {
  sendReceived: 0,
  sendOutgoing: 1,
  finish: 2,
  close: 3,
  reset: 4,
  pause: 5,
  resume: 6,
  wantDrain: 7,
  sendReceivedDatagram: 8,
  sendOutgoingDatagram: 9,
} as const;
export type Command = (typeof COMMAND)[keyof typeof COMMAND];

/** In front of each datagram lies its peer's address, as the kernel writes it, in this much room. */
export const PEER_BYTES = 32;

/** Cells of the control memory. */
export const COMMAND_COUNT = 0;
export const OUTGOING_BYTES = 1;
export const CONTROL_CELLS = 2;

export const EVENTS_PER_CROSSING = 4096;
export const COMMANDS_PER_FLUSH = 4096;
export const RECEIVE_SLAB_BYTES = 1024 * 1024;
export const OUTGOING_SLAB_BYTES = 1024 * 1024;
