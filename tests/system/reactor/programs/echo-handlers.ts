/** The handlers of an echo server, as `listenSharded` imports them. */
import type { SocketHandlers } from "../../../../reactor/index.ts";

export default { data: (socket, chunk) => void socket.write(chunk) } satisfies SocketHandlers;
