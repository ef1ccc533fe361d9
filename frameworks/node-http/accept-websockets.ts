/** Echoes WebSocket messages by the `ws` package on an HTTP server. */
import type { Server } from "node:http";
import { WebSocketServer, type RawData } from "ws";

/** Above this many unsent bytes a connection is not read until its client has caught up. */
const UNSENT_LIMIT_BYTES = 1024 * 1024;

/** Returns a function that drops every open WebSocket. */
export function acceptWebSockets(server: Server): () => void {
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  webSockets.on("connection", (webSocket, request) => {
    webSocket.on("message", (message: RawData, isBinary: boolean) => {
      webSocket.send(message, { binary: isBinary });
      if (webSocket.bufferedAmount > UNSENT_LIMIT_BYTES) webSocket.pause();
    });
    request.socket.on("drain", () => webSocket.resume());
    // A connection that was reset or broke the protocol is closed by ws itself.
    webSocket.on("error", () => undefined);
  });
  return () => {
    for (const webSocket of webSockets.clients) webSocket.terminate();
  };
}
