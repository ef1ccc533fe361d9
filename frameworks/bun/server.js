/* global Bun */
// Runs in Bun, so it is plain JavaScript. Prints the port it listens on.

import { answer } from "../../extras/runtimes/answer.js";

const { protocol, host, port } = JSON.parse(process.argv[2]);
const listen = { tcp: listenTcp, http: listenHttp, ws: listenWebSocket }[protocol];
process.stdout.write(`${listen().port}\n`);
// The process that started this one may be killed, and its end of the pipe is then closed.
process.stdin.on("end", () => process.exit(0)).resume();

function listenTcp() {
  return Bun.listen({
    hostname: host,
    port,
    allowHalfOpen: true,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        socket.data = { unsent: null, hasEnded: false };
      },
      data(socket, chunk) {
        const { data } = socket;
        if (data.unsent !== null) {
          data.unsent = Buffer.concat([data.unsent, chunk]);
          return;
        }
        const sent = socket.write(chunk);
        if (sent === chunk.length) return;
        // The chunk is Bun's own memory, which it uses again.
        data.unsent = Buffer.from(chunk.subarray(Math.max(0, sent)));
        socket.pause();
      },
      drain(socket) {
        const { data } = socket;
        if (data.unsent === null) return;
        const sent = Math.max(0, socket.write(data.unsent));
        if (sent < data.unsent.length) {
          data.unsent = data.unsent.subarray(sent);
          return;
        }
        data.unsent = null;
        if (data.hasEnded) socket.end();
        else socket.resume();
      },
      end(socket) {
        socket.data.hasEnded = true;
        if (socket.data.unsent === null) socket.end();
      },
      // A connection that was reset is an ordinary close.
      error() {},
    },
  });
}

function listenHttp() {
  return Bun.serve({ hostname: host, port, idleTimeout: 0, fetch: answer });
}

function listenWebSocket() {
  return Bun.serve({
    hostname: host,
    port,
    idleTimeout: 0,
    fetch: (request, server) =>
      server.upgrade(request) ? undefined : new Response("This is a WebSocket.\n", { status: 426 }),
    websocket: {
      perMessageDeflate: false,
      idleTimeout: 0,
      maxPayloadLength: 64 * 1024 * 1024,
      backpressureLimit: 64 * 1024 * 1024,
      message(socket, message) {
        socket.send(message);
      },
    },
  });
}
