/** Echoes WebSocket messages with the type they came with. */
import type { Addon, App } from "./load-addon.ts";

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export function echoWebSocket(app: App, addon: Addon): void {
  app.ws("/*", {
    compression: addon.DISABLED,
    maxPayloadLength: MAX_MESSAGE_BYTES,
    // Idle connections must stay open, so neither idle time nor age closes one.
    idleTimeout: 0,
    maxLifetime: 0,
    sendPingsAutomatically: false,
    // An echo that is dropped is a wrong answer. With no limit, what the client has not read yet waits in memory:
    // the addon gives JavaScript no way to pause a WebSocket.
    maxBackpressure: 0,
    closeOnBackpressureLimit: false,
    message: (webSocket, message, isBinary) => {
      webSocket.send(message, isBinary);
    },
  });
}
