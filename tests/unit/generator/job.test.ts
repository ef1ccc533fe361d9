/** Jobs that cannot be run are refused before anything is connected. */
import { expect, test } from "vitest";

import { runLoad } from "../../../harness/children/generator/run-load.ts";
import type { LoadJob } from "../../../harness/children/generator/job.ts";
import type { Protocol } from "../../../harness/contract.ts";
import { jobFor } from "../../fixtures/jobs.ts";

const refused: [string, Partial<LoadJob>, RegExp][] = [
  ["a host name", { host: "localhost" }, /host is 'localhost', but must be an IPv4 address/],
  ["port 0", { port: 0 }, /port is 0/],
  [
    "an unknown protocol",
    { protocol: "quic" as Protocol },
    /protocol is 'quic', but must be one of tcp, http, ws/,
  ],
  ["a path with a space", { path: "/a b" }, /path is '\/a b'/],
  ["no payload", { payloadBytes: 0 }, /payloadBytes is 0/],
  [
    "a payload over 16 MiB",
    { payloadBytes: 16 * 1024 * 1024 + 1 },
    /must be a whole number from 1 to 16777216/,
  ],
  ["half a connection", { connections: 0.5 }, /connections is 0.5/],
  ["an open loop without a rate", { loop: "open", ratePerSecond: 0 }, /an open loop needs a rate/],
  ["a spinning closed loop", { spin: true }, /spin is for the open loop/],
  ["a negative seed", { seed: -1 }, /seed is -1/],
  ["an endless window", { durationSeconds: Infinity }, /durationSeconds is Infinity/],
  ["a timeout that is not a number", { timeoutSeconds: Number.NaN }, /timeoutSeconds is NaN/],
];

test.each(refused)("%s is refused in words", async (_name, changes, words) => {
  await expect(runLoad(jobFor(9, changes))).rejects.toThrow(words);
});
