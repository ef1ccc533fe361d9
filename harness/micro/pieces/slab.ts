/** A view of received bytes: the reactor makes one for each event, unless the one of before lies in the same place. */
import { Buffer } from "node:buffer";
import { requireSame, type Piece } from "../piece.ts";

const SLAB_BYTES = 1024 * 1024;
const VIEW_BYTES = 64;

export default [
  {
    ...{
      framework: "slab",
      variant: "view",
      protocol: "none",
      calls: 1000,
      obstacle: () => null,
      isAsync: false,
    },
    parameters: { work: "one view of the receive slab", payloadBytes: VIEW_BYTES },
    prepare: async () => {
      const slab = new ArrayBuffer(SLAB_BYTES);
      const views = Array.from<Buffer>({ length: 64 });
      const run = (calls: number): void => {
        // They are kept for a while, as a batch's are, so that the engine cannot leave them out.
        for (let call = 0; call < calls; call++)
          views[call & 63] = Buffer.from(slab, (call * VIEW_BYTES) % SLAB_BYTES, VIEW_BYTES);
      };
      run(64);
      requireSame("The place of the last view", views[63]?.byteOffset, 63 * VIEW_BYTES);
      return { run, close: () => undefined };
    },
  },
] satisfies Piece[];
