/** TCP servers that are wrong on purpose, each in one way. */
import { createServer, type Server, type Socket } from "node:net";

function onSocket(serve: (socket: Socket, all: Set<Socket>) => void): () => Server {
  return () => {
    const all = new Set<Socket>();
    return createServer({ allowHalfOpen: true }, (socket) => {
      all.add(socket);
      socket.on("close", () => all.delete(socket));
      socket.on("error", () => undefined);
      serve(socket, all);
    });
  };
}

/** A right echo, but for what `answer` makes of a chunk. */
function answering(answer: (chunk: Buffer) => Uint8Array): () => Server {
  return onSocket((socket) => {
    socket.on("data", (chunk: Buffer) => socket.write(answer(chunk)));
    socket.on("end", () => socket.end());
  });
}

export const rightEcho = answering((chunk) => chunk);

export const flipsOneBit = answering((chunk) => {
  const changed = Buffer.from(chunk);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
});

export const dropsTheLastByte = answering((chunk) => chunk.subarray(0, -1));

export const answersTwice = answering((chunk) => Buffer.concat([chunk, chunk]));

export const answersOnlyTheFirstKibibyteOfASegment = answering((chunk) => chunk.subarray(0, 1024));

export const dropsSegmentsOfOneByte = answering((chunk) => (chunk.length === 1 ? Buffer.alloc(0) : chunk));

export const neverAnswers = onSocket((socket) => {
  socket.resume();
});

export const answersOnAnotherConnection = onSocket((socket, all) => {
  socket.on("data", (chunk: Buffer) => {
    const others = [...all].filter((one) => one !== socket);
    (others[0] ?? socket).write(chunk);
  });
});

export const dropsEverybodyOnAReset = onSocket((socket, all) => {
  socket.on("data", (chunk: Buffer) => socket.write(chunk));
  socket.on("error", () => {
    for (const one of all) one.destroy();
  });
});

export const closesWithoutAnAnswerOnFin = onSocket((socket) => {
  const held: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => held.push(chunk));
  socket.on("end", () => socket.end());
});

export const neverSendsFin = onSocket((socket) => {
  socket.on("data", (chunk: Buffer) => socket.write(chunk));
});

export const stopsReadingForGood = onSocket((socket) => {
  socket.on("data", (chunk: Buffer) => {
    if (!socket.write(chunk) && socket.writableLength > 0) socket.pause();
  });
  socket.on("end", () => socket.end());
});

export const dropsWhatTheKernelDoesNotTake = onSocket((socket) => {
  socket.on("data", (chunk: Buffer) => {
    if (socket.writableLength === 0) socket.write(chunk);
  });
  socket.on("end", () => socket.end());
});

export const dropsUnsentBytesOnFin = onSocket((socket) => {
  socket.on("data", (chunk: Buffer) => socket.write(chunk));
  socket.on("end", () => socket.destroy());
});
