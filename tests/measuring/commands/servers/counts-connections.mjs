// Echoes, and appends to the file it is given the number of connections that were open when data came, when it grew.
import { appendFileSync } from "node:fs";
import { createServer } from "node:net";

const [, , file] = process.argv;
let open = 0;
let most = 0;
createServer({ allowHalfOpen: true }, (socket) => {
  open += 1;
  socket.on("close", () => (open -= 1));
  socket.on("error", () => socket.destroy());
  socket.on("data", () => {
    if (open <= most) return;
    most = open;
    appendFileSync(file, `${most}\n`);
  });
  socket.pipe(socket);
}).listen(process.env.PORT, "127.0.0.1");
