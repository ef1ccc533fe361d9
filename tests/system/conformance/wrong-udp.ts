/** UDP servers that are wrong in one way each. */
import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface DatagramServer {
  port: number;
  close(): void;
}

/** Sends back what `answer` makes of the datagram with this number, each part of it as one. */
export async function answering(
  answer: (message: Buffer, count: number) => readonly Buffer[],
): Promise<DatagramServer> {
  const socket = createSocket("udp4");
  let count = 0;
  socket.on("message", (message, { port, address }) => {
    for (const part of answer(message, count++)) socket.send(part, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, close: () => void socket.close() };
}
