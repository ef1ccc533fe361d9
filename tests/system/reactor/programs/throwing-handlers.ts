/** Handlers that throw at whatever they hear. */
import type { SocketHandlers } from "../../../../reactor/index.ts";

export default {
  data: () => {
    throw new Error("bad byte");
  },
} satisfies SocketHandlers;
