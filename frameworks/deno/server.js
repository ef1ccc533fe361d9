/* global Deno */
// Runs in Deno, so it is plain JavaScript. Prints the port it listens on.

import { answer } from "../../extras/runtimes/answer.js";

const { protocol, host, port } = JSON.parse(Deno.args[0]);
const CHUNK_BYTES = 64 * 1024;

const listen = { tcp: listenTcp, http: listenHttp, ws: listenWebSocket }[protocol];
void listen();
void endWithParent();

/** The process that started this one may be killed, and its end of the pipe is then closed. */
async function endWithParent() {
  while ((await Deno.stdin.read(new Uint8Array(1))) !== null);
  Deno.exit(0);
}

async function listenTcp() {
  const listener = Deno.listen({ hostname: host, port });
  announce(listener.addr);
  for (;;) {
    // A client that resets before it is accepted makes this throw, and is no reason to accept no other.
    const connection = await listener.accept().catch(() => null);
    if (connection !== null) void echo(connection);
  }
}

async function echo(connection) {
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    connection.setNoDelay(true);
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) break;
      for (let sent = 0; sent < length;) sent += await connection.write(buffer.subarray(sent, length));
    }
    await connection.closeWrite();
  } catch {
    // A connection that was reset is an ordinary close.
  } finally {
    close(connection);
  }
}

/** Its descriptor is ours until it is closed, after a reset as well, unless Deno has closed it by itself. */
function close(connection) {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function listenHttp() {
  return Deno.serve({ hostname: host, port, onListen: announce }, answer).finished;
}

function listenWebSocket() {
  return Deno.serve({ hostname: host, port, onListen: announce }, (request) => {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
      return new Response("This is a WebSocket.\n", { status: 426 });
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => socket.send(data));
    return response;
  }).finished;
}

function announce({ port: listening }) {
  Deno.stdout.writeSync(new TextEncoder().encode(`${listening}\n`));
}
