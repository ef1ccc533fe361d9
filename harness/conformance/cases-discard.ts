/** The discard service with receipts: each megabyte is answered by how many bytes there were, and by nothing else. */
import type { ConformanceCaseDefinition, ConformanceTarget } from "./case.ts";
import { Connection } from "./client-connection.ts";
import { patternOf, requireEqual } from "./payload.ts";

const MEGABYTE = 1_000_000;
const RECEIPT_BYTES = 8;
/** So that a receipt falls into the middle of what is sent. */
const PIECE_BYTES = 300_000;

async function requireReceipt(connection: Connection, megabytes: number): Promise<void> {
  const expected = Buffer.alloc(RECEIPT_BYTES);
  expected.writeBigUInt64BE(BigInt(megabytes * MEGABYTE));
  const what = `the receipt of ${megabytes} MB`;
  requireEqual(await connection.read(RECEIPT_BYTES, what), expected, what);
}

const each: ConformanceCaseDefinition = {
  name: "answers a megabyte with its receipt",
  protocols: ["discard"],
  form: "probe",
  run: async (target: ConformanceTarget, signal) => {
    const connection = await Connection.open(target, signal);
    connection.send(patternOf(1, MEGABYTE));
    await requireReceipt(connection, 1);
  },
};

const split: ConformanceCaseDefinition = {
  name: "counts what arrives in other pieces than megabytes",
  protocols: ["discard"],
  form: "short",
  run: async (target, signal) => {
    const connection = await Connection.open(target, signal);
    // The tenth piece ends with the third megabyte, so that no receipt is due when it is there.
    for (let piece = 0; piece < 10; piece++) connection.send(patternOf(piece, PIECE_BYTES));
    for (const megabytes of [1, 2, 3]) await requireReceipt(connection, megabytes);
  },
};

export const DISCARD_CASES: readonly ConformanceCaseDefinition[] = [each, split];
