// Echoes, but closes a connection that has said nothing for 300 ms.
import { createServer } from "node:net";

createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.setTimeout(300, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
}).listen(process.env.PORT, "127.0.0.1");
