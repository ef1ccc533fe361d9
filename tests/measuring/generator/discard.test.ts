/** Streams that go one way: every receipt is checked. */
import { expect, test } from "vitest";
import { DiscardCodec } from "../../../protocols/discard.ts";
import { expectClean, expectOnly, loadAgainst } from "../../fixtures/jobs.ts";
import { tcpServer } from "./servers.ts";

const MEGABYTE = 1_000_000;
const STREAM = { protocol: "discard", payloadBytes: MEGABYTE, pipeline: 2, connections: 2 } as const;

/** A server whose receipts were changed. */
function discardServer(change: (receipt: Buffer) => Buffer | null = (receipt) => receipt) {
  return tcpServer((socket) => {
    const codec = new DiscardCodec({
      takesAtOnce: false,
      write: (bytes) => {
        const receipt = change(Buffer.from(bytes));
        if (receipt !== null) socket.write(receipt);
      },
      end: () => socket.end(),
    });
    socket.on("data", (chunk) => codec.data(chunk));
  });
}

test("counts the megabytes that a server has had", async () => {
  expectClean(await loadAgainst(discardServer(), STREAM));
});

test("a receipt for a byte less is no receipt", async () => {
  const server = discardServer((receipt) => {
    receipt.writeBigUInt64BE(receipt.readBigUInt64BE() - 1n);
    return receipt;
  });
  const words = /the receipt says 999999 bytes where the server was sent 1000000/;
  expectOnly(await loadAgainst(server, STREAM), "corrupt", words);
});

test("a megabyte without a receipt is not counted", async () => {
  const result = await loadAgainst(
    discardServer(() => null),
    { ...STREAM, timeoutSeconds: 0.3 },
  );
  expectOnly(result, "timedOut", /no answer within 300 ms/);
  expect(result.operations).toBe(0);
});
