// A ten-line server that knows nothing of readymark.
import { createServer } from "node:net";

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
}).listen(process.env.PORT, "127.0.0.1");
