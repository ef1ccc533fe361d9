/** Accepts the connections of a sharded server in this thread, and gives each to the shard that has the fewest open. */
import { closeSync } from "node:fs";
import type { CheckedOptions } from "./listen-options.ts";
import { reactorOn } from "./reactor.ts";
import type { Socket } from "./socket.ts";
import type { Thread } from "./threads.ts";

/** More connections than any shard has. */
const ENDED = 0x7fffffff;

export interface Acceptor {
  port: number;
  close(): Promise<void>;
}

/** `open` has the connections of each shard; a shard counts down when one of its own is over. Throws a `ReactorError`. */
export function startAcceptor(
  address: CheckedOptions,
  open: Int32Array,
  threads: readonly Pick<Thread<number>, "tell">[],
): Acceptor {
  const reactor = reactorOn(address.multiplexer);
  // Where several have equally few, the turn goes round, so that short connections spread as well.
  let next = 0;
  const fewest = (): number => {
    let best = next % threads.length;
    for (let step = 1; step < threads.length; step++) {
      const index = (next + step) % threads.length;
      if (Atomics.load(open, index) < Atomics.load(open, best)) best = index;
    }
    next = best + 1;
    return best;
  };
  const { port, state } = reactor.listen(address, {
    open: (socket: Socket) => {
      const fd = socket.detach();
      if (fd < 0) {
        socket.close();
        return;
      }
      const shard = fewest();
      Atomics.add(open, shard, 1);
      if (threads[shard]!.tell("adopt", fd)) return;
      // The thread has ended, which was thrown to the process: it gets no more, and its count shows that.
      closeSync(fd);
      Atomics.store(open, shard, ENDED);
    },
  });
  return { port, close: () => reactor.end(state, "close") };
}
