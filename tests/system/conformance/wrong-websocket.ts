/** WebSocket servers that are wrong on purpose, each in one way: a careless parser with a hook for what it answers. */
import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";

interface Frame {
  final: boolean;
  opcode: number;
  payload: Buffer;
}

interface Behaviour {
  acceptKey?: (key: string) => string;
  /** The frames, or other bytes, to send for one frame. */
  answer?: (frame: Frame, socket: Socket) => Buffer[];
}

function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Echoes frame by frame, which is a right answer to a fragmented message, too. */
function rightAnswer({ final, opcode, payload }: Frame, socket: Socket): Buffer[] {
  if (opcode === 9) return [frame(10, payload)];
  if (opcode !== 8) return [frame(opcode, payload, final)];
  socket.end(frame(8, payload));
  return [];
}

function carelessServer({ acceptKey = acceptOf, answer = rightAnswer }: Behaviour): () => Server {
  return () =>
    createServer((socket) => {
      let pending = Buffer.alloc(0);
      let isOpen = false;
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        if (!isOpen) {
          const head = pending.indexOf("\r\n\r\n");
          if (head === -1) return;
          const key = /Sec-WebSocket-Key: (\S+)/u.exec(pending.toString("latin1", 0, head))?.[1] ?? "";
          const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
          socket.write([...lines, `Sec-WebSocket-Accept: ${acceptKey(key)}`, "", ""].join("\r\n"));
          pending = pending.subarray(head + 4);
          isOpen = true;
        }
        for (let parsed = parse(pending); parsed !== null; parsed = parse(pending)) {
          pending = pending.subarray(parsed.sizeBytes);
          for (const bytes of answer(parsed.frame, socket)) socket.write(bytes);
        }
      });
    });
}

function parse(bytes: Buffer): { frame: Frame; sizeBytes: number } | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] as number) & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskBytes = ((bytes[1] as number) & 0x80) === 0 ? 0 : 4;
  const start = 2 + extended + maskBytes;
  if (bytes.length < start) return null;
  const length =
    extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return null;
  const mask = maskBytes === 0 ? Buffer.alloc(4) : bytes.subarray(start - maskBytes, start);
  const payload = Buffer.from(
    bytes.subarray(start, start + length).map((byte, at) => byte ^ (mask[at & 3] as number)),
  );
  const first = bytes[0] as number;
  return { frame: { final: first >= 0x80, opcode: first & 0x0f, payload }, sizeBytes: start + length };
}

function frame(opcode: number, payload: Buffer, final = true, secondByte = 0): Buffer {
  const head = [(final ? 0x80 : 0) | opcode];
  if (payload.length < 126)
    return Buffer.concat([Buffer.from([...head, secondByte | payload.length]), payload]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payload.length));
  if (payload.length < 65_536) {
    return Buffer.concat([Buffer.from([...head, secondByte | 126]), length.subarray(6), payload]);
  }
  return Buffer.concat([Buffer.from([...head, secondByte | 127]), length, payload]);
}

/** The right answer to everything but frames of one opcode. */
function except(opcode: number, answer: (one: Frame, socket: Socket) => Buffer[]): () => Server {
  return carelessServer({
    answer: (one, socket) => (one.opcode === opcode ? answer(one, socket) : rightAnswer(one, socket)),
  });
}

export const carelessEcho = carelessServer({});

export const acceptsWithAWrongKey = carelessServer({ acceptKey: (key) => acceptOf(`${key}!`) });

export const answersTextAsBinary = except(1, ({ payload }) => [frame(2, payload)]);

export const answersBinaryAsText = except(2, ({ payload, final }) => [frame(1, payload, final)]);

export const forgetsThePayloadOfPings = except(9, () => [frame(10, Buffer.alloc(0))]);

export const ignoresPings = except(9, () => []);

export const answersEveryFragmentAsAMessage = carelessServer({
  answer: (one, socket) =>
    rightAnswer({ ...one, final: true, opcode: one.opcode === 0 ? 2 : one.opcode }, socket),
});

export const dropsContinuations = except(0, ({ final }) => (final ? [frame(0, Buffer.alloc(0))] : []));

export const dropsTheConnectionOnClose = except(8, (_one, socket) => {
  socket.destroy();
  return [];
});

export const closesWithAnotherCode = except(8, (_one, socket) => {
  socket.end(frame(8, Buffer.from([0x03, 0xf3])));
  return [];
});

export const masksItsFrames = except(2, ({ payload }) => [
  Buffer.concat([Buffer.from([0x82, 0x80 | payload.length]), Buffer.alloc(4), payload]),
]);

export const setsAReservedBit = except(2, ({ payload }) => [frame(2 | 0x40, payload)]);
