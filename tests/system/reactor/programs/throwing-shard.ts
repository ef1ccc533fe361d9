/** Makes the handler of one of two shards throw, and closes the other. */
import { once } from "node:events";
import { connect } from "node:net";
import { listenSharded } from "../../../../reactor/index.ts";

const uncaught = once(process, "uncaughtException");
const server = await listenSharded({
  shards: 2,
  module: new URL("./throwing-handlers.ts", import.meta.url),
});
const client = connect(server.port, "127.0.0.1").on("error", () => undefined);
client.write("x");
const [error] = (await uncaught) as [Error];
process.stdout.write(`uncaught: ${error.message.replace(/^Shard \d/, "A shard")}\n`);
client.destroy();
await server.close();
process.stdout.write("closed\n");
