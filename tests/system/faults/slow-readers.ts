/** A client that sends much and reads late. */
import { setTimeout as delay } from "node:timers/promises";
import { patternOf } from "../../../harness/conformance/payload.ts";
import { residentBytes } from "../../../harness/machine/proc.ts";
import { open, type Fault } from "./fault.ts";

const BLOCK = patternOf(7, 1_000_003);
const BLOCKS = 24;
/** How often to look, every 10 ms, whether a block was taken, before the server counts as holding back. */
const LOOKS = 25;

function memoryOf(pid: number): number {
  const bytes = residentBytes(pid);
  if (bytes === null) throw new Error("The memory of the server's process cannot be read.");
  return bytes;
}

export const SLOW_READERS: readonly Fault[] = [
  {
    name: "a reader with 24 MB to come does not fill the server's memory, and gets every byte",
    inflict: async (server) => {
      const client = await open(server);
      const beforeBytes = memoryOf(server.pid);
      client.pauseReading();
      let sent = 0;
      while (sent < BLOCKS && client.unsentBytes === 0) {
        client.send(BLOCK);
        sent += 1;
        for (let look = 0; look < LOOKS && client.unsentBytes > 0; look++) await delay(10);
      }
      const grownBytes = memoryOf(server.pid) - beforeBytes;
      if (grownBytes > (BLOCK.length * BLOCKS) / 2) {
        throw new Error(`The server's memory grew by ${grownBytes} bytes for a client that does not read.`);
      }
      for (; sent < BLOCKS; sent++) client.send(BLOCK);
      client.resumeReading();
      const echo = await client.read(BLOCK.length * BLOCKS, "the echo");
      for (let block = 0; block < BLOCKS; block++) {
        const part = echo.subarray(block * BLOCK.length, (block + 1) * BLOCK.length);
        if (!part.equals(BLOCK)) throw new Error(`Million ${block} of the echo is not what was sent.`);
      }
      await client.reset();
    },
  },
];
