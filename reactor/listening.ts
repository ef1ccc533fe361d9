/** A server as its owner sees it, over what the reactor of its thread keeps of it. */
import { LONGEST_TIMEOUT_MS, OptionChecks } from "./options.ts";
import type { Reactor } from "./reactor.ts";
import type { Server, ServerState } from "./server.ts";

export interface Listening<Data> {
  port: number;
  fd: number;
  state: ServerState<Data>;
}

export function serverOn<Data>(reactor: Reactor, { port, fd, state }: Listening<Data>): Server {
  return {
    port,
    fd,
    counters: () => reactor.counters(),
    close: async ({ timeoutMs = 0 } = {}) => {
      const limit = new OptionChecks("close").integer("timeoutMs", timeoutMs, 0, LONGEST_TIMEOUT_MS);
      await (limit === 0 ? reactor.end(state, "close") : reactor.drain(state, limit));
    },
    terminate: () => reactor.end(state, "terminate"),
    ref: () => state.ref(),
    unref: () => state.unref(),
  };
}
