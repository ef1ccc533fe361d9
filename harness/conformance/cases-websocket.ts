/** What RFC 6455 asks for beyond an echoed message. */
import type { ConformanceCaseDefinition } from "./case.ts";
import { refuseClose } from "./client-echo.ts";
import { Connection } from "./client-connection.ts";
import {
  encodeFrame,
  encodeUnmaskedFrame,
  OPCODE,
  openWebSocket,
  readFrame,
  readMessage,
  type Frame,
} from "./client-websocket.ts";
import { patternOf, requireEqual, textPatternOf } from "./payload.ts";

const ATTEMPTS_IN_PIECES = 10;

function webSocketCase(
  name: string,
  run: (connection: Connection) => Promise<void>,
): ConformanceCaseDefinition {
  return {
    name,
    protocols: ["ws"],
    form: "full",
    run: async (target, signal) => {
      const connection = await Connection.open(target, signal);
      await openWebSocket(connection);
      await run(connection);
    },
  };
}

const text = webSocketCase("echoes text as text", async (connection) => {
  const payload = Buffer.concat([textPatternOf(1, 200), Buffer.from("grüße 🙂")]);
  connection.send(encodeFrame(OPCODE.text, payload));
  const message = await readMessage(connection, refuseClose);
  requireOpcode(message.opcode, OPCODE.text);
  requireEqual(message.payload, payload, "the echo of a text");
});

const ping = webSocketCase("answers a ping with its payload", async (connection) => {
  const payload = patternOf(1, 125);
  connection.send(encodeFrame(OPCODE.ping, payload));
  await requirePong(connection, payload);
});

const fragments = webSocketCase("joins fragments around a ping", async (connection) => {
  const parts = [patternOf(1, 10), patternOf(2, 300), Buffer.alloc(0), patternOf(3, 70_000)];
  const pingPayload = patternOf(4, 5);
  parts.forEach((part, index) => {
    const opcode = index === 0 ? OPCODE.binary : OPCODE.continuation;
    connection.send(encodeFrame(opcode, part, index === parts.length - 1));
    if (index === 1) connection.send(encodeFrame(OPCODE.ping, pingPayload));
  });
  const pongs: Buffer[] = [];
  const message = await readMessage(connection, (frame) => {
    refuseClose(frame);
    if (frame.opcode === OPCODE.pong) pongs.push(frame.payload);
  });
  requireOpcode(message.opcode, OPCODE.binary);
  requireEqual(message.payload, Buffer.concat(parts), "the echo of a fragmented message");
  // A pong may come before, within or after the echo.
  if (pongs[0] === undefined) await requirePong(connection, pingPayload);
  else requireEqual(pongs[0], pingPayload, "the payload of the pong");
});

const closeHandshake = webSocketCase(
  "answers a close frame with its code, then closes",
  async (connection) => {
    connection.send(encodeFrame(OPCODE.close, Buffer.from([1000 >> 8, 1000 & 0xff])));
    requireCloseCode(await readFrame(connection), 1000);
    await connection.readToFin("the server's FIN after the closing handshake");
  },
);

const unmasked = webSocketCase("refuses a frame without a mask", async (connection) => {
  connection.send(encodeUnmaskedFrame(OPCODE.binary, patternOf(1, 16)));
  // A server that takes payload bytes for the missing mask waits for four more bytes before it shows that.
  connection.send(Buffer.alloc(4));
  await requireEndWithoutMessage(connection);
});

const reservedOpcode = webSocketCase("refuses a reserved opcode", async (connection) => {
  connection.send(encodeFrame(3, patternOf(1, 16)));
  await requireEndWithoutMessage(connection);
});

const badText = webSocketCase("refuses text that is not UTF-8", async (connection) => {
  connection.send(encodeFrame(OPCODE.text, Buffer.from([0xc3, 0x28])));
  await requireEndWithoutMessage(connection);
});

const handshakeByteByByte: ConformanceCaseDefinition = {
  name: "takes an opening handshake that arrives byte by byte",
  protocols: ["ws"],
  form: "full",
  run: async (target, signal) => {
    // The kernel may join pieces for a server that is not yet awake, so one request in pieces could arrive whole.
    for (let attempt = 0; attempt < ATTEMPTS_IN_PIECES; attempt++) {
      const connection = await Connection.open(target, signal);
      await openWebSocket(connection, (request) => connection.sendWithPause(request, "GET ".length));
    }
  },
};

async function requirePong(connection: Connection, payload: Buffer): Promise<void> {
  const frame = await readFrame(connection);
  requireOpcode(frame.opcode, OPCODE.pong);
  requireEqual(frame.payload, payload, "the payload of the pong");
}

/** A refusing server may send a close frame first; it must end the connection and must not answer. */
async function requireEndWithoutMessage(connection: Connection): Promise<void> {
  while (!(await connection.endsNext("the server's end of the connection"))) {
    const { opcode } = await readFrame(connection);
    if (opcode !== OPCODE.close) {
      throw new Error(`Expected the connection to end, but a frame with opcode ${opcode} came first.`);
    }
  }
}

function requireCloseCode(frame: Frame, code: number): void {
  requireOpcode(frame.opcode, OPCODE.close);
  const actual = frame.payload.length >= 2 ? frame.payload.readUInt16BE() : null;
  if (actual !== code) throw new Error(`Expected close code ${code}, but ${actual ?? "none"} came.`);
}

function requireOpcode(actual: number, expected: number): void {
  if (actual !== expected)
    throw new Error(`Expected a frame with opcode ${expected}, but opcode ${actual} came.`);
}

export const WEBSOCKET_CASES: readonly ConformanceCaseDefinition[] = [
  text,
  ping,
  fragments,
  closeHandshake,
  unmasked,
  reservedOpcode,
  badText,
  handshakeByteByByte,
];
