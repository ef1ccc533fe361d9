/** Connections that come and go so fast that descriptor numbers are used again within a batch. */
import { patternOf } from "../../../harness/conformance/payload.ts";
import { descriptorsOf, open, requireNoLeak, type Fault, type ServerUnderFault } from "./fault.ts";

const LANES = 40;
const CONNECTIONS_PER_LANE = 12;
const PAYLOAD_BYTES = 2000;

/** Every second connection is left with its echo under way, so that its descriptor is free while it has events. */
async function comeAndGo(server: ServerUnderFault, seed: number): Promise<void> {
  const client = await open(server);
  const bytes = patternOf(seed, PAYLOAD_BYTES);
  client.send(bytes);
  const wanted = seed % 2 === 0 ? PAYLOAD_BYTES : 1;
  const echo = await client.read(wanted, "an echo");
  await client.reset();
  if (!echo.equals(bytes.subarray(0, wanted))) {
    throw new Error(`Connection ${seed} received bytes that it had not sent.`);
  }
}

export const BURSTS: readonly Fault[] = [
  {
    name: "a descriptor that is used again at once gets no bytes of its predecessor",
    inflict: async (server) => {
      const before = descriptorsOf(server.pid);
      const lane = async (number: number): Promise<void> => {
        for (let round = 0; round < CONNECTIONS_PER_LANE; round++) {
          await comeAndGo(server, number * CONNECTIONS_PER_LANE + round);
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
      await requireNoLeak(server, before);
    },
  },
];
