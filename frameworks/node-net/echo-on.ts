/** Connects a codec to a socket: bytes in, bytes out, backpressure and half-close. */
import type { Socket } from "node:net";
import type { Protocol } from "../../harness/contract.ts";
import type { Output } from "../../protocols/codec.ts";
import { createEchoCodec } from "../../protocols/echo.ts";

export function echoOn(socket: Socket, protocol: Protocol): void {
  const output: Output = {
    // A socket that is corked, or whose peer is slow, still has the bytes when write returns.
    takesAtOnce: false,
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
  };
  const codec = createEchoCodec(protocol, output);
  // A raw echo writes once per segment, so there is nothing to gather into one system call.
  const gathers = protocol !== "tcp" && protocol !== "discard";
  socket.on("data", (chunk: Buffer) => {
    if (gathers) socket.cork();
    codec.data(chunk);
    if (gathers) socket.uncork();
    // `write` also returns false for a large chunk that the kernel took whole, and then there is nothing to wait for.
    if (socket.writableNeedDrain && socket.writableLength > 0) socket.pause();
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => codec.end());
  // A connection that was reset is an ordinary close: the stream destroys itself, and no other is affected.
  socket.on("error", () => undefined);
}
