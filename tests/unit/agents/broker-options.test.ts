/** What of a broker's address may be in a report. */
import { expect, test } from "vitest";
import { publicUrl } from "../../../harness/agents/broker-options.ts";

test.each([
  ["nats://10.0.0.1:4222", "nats://10.0.0.1:4222"],
  ["nats://me:secret@10.0.0.1:4222", "nats://10.0.0.1:4222"],
  ["tls://token@a.example,nats://me:p%40ss@b.example:4", "tls://a.example,nats://b.example:4"],
  ["me:secret@10.0.0.1", "10.0.0.1"],
])("%s is shown as %s", (url, shown) => {
  expect(publicUrl({ url })).toBe(shown);
});
