/** The reactor's echo on a Unix socket without a file. */
import type { Framework } from "../../../../harness/contract.ts";
import { echoHandlers } from "../../../../frameworks/reactor/echo-connection.ts";
import { listen } from "../../../../reactor/index.ts";

/** Where a process of this module listens. */
export function unixPathOf(pid: number): string {
  return `\0readymark-fault-${pid}`;
}

export default {
  name: "unix",
  description: "The reactor's echo on a Unix socket.",
  variants: () => [],
  listen: async ({ variant }) => {
    const socket = echoHandlers("tcp");
    const server = await listen({ path: unixPathOf(process.pid), multiplexer: variant, socket });
    return { port: server.port, close: () => server.terminate() };
  },
} satisfies Framework;
