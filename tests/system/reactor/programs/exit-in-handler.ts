/** Exits from within a handler. */
import { connect } from "node:net";
import { listen } from "../../../../reactor/index.ts";

const server = await listen({ multiplexer: process.argv[2]!, socket: { data: () => process.exit(7) } });
connect(server.port, "127.0.0.1").write("leave");
