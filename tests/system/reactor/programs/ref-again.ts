/** Nothing but a server that was told to keep the process running again does so until a timer, which does not, closes it. */
import { listen } from "../../../../reactor/index.ts";

const server = await listen({ multiplexer: process.argv[2]!, socket: {} });
server.unref();
server.ref();
setTimeout(() => {
  process.stdout.write("still there\n");
  void server.close();
}, 100).unref();
