/** One turn of each multiplexer: one of many descriptors becomes ready, is waited for, and read. */
import { addon } from "../../../native/index.ts";

import { requireSame, type Piece } from "../piece.ts";

const DESCRIPTORS = [10, 1000, 10_000];

export default addon.micro.multiplexers().flatMap(({ name, limit, obstacle }) =>
  DESCRIPTORS.map((descriptors): Piece => ({
    ...{ framework: "multiplexer", variant: name, protocol: "none" },
    parameters: { work: "one turn with one event", descriptors },
    ...{ calls: 100, isAsync: false },
    obstacle: () => {
      if (obstacle !== null) return obstacle;
      if (limit > 0 && descriptors > limit - 100)
        return `${name} watches descriptors below ${limit} only, and some are taken.`;
      if (descriptors > addon.reactor.connectionLimit())
        return `This process may have ${addon.reactor.connectionLimit()} descriptors beside its own; raise the limit with ulimit -n.`;
      return null;
    },
    prepare: async () => {
      const waiter = new addon.micro.Waiter(name, descriptors);
      requireSame("The number of events", waiter.turn(100), 100);
      return { run: (calls) => void waiter.turn(calls), close: () => waiter.close() };
    },
  })),
);
