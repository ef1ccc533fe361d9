/** What of a broker's address may be in a report. */
import { expect, test } from "vitest";
import { publicUrl, withoutIdentity } from "../../../harness/agents/broker-options.ts";

test.each([
  ["nats://10.0.0.1:4222", "nats://10.0.0.1:4222"],
  ["nats://me:secret@10.0.0.1:4222", "nats://10.0.0.1:4222"],
  ["tls://token@a.example,nats://me:p%40ss@b.example:4", "tls://a.example,nats://b.example:4"],
  ["me:secret@10.0.0.1", "10.0.0.1"],
  ["nats://a.example, nats://c:d@b.example", "nats://a.example,nats://b.example"],
  ["nats://me:p@ss@10.0.0.1:4222", "nats://10.0.0.1:4222"],
])("%s is shown as %s", (url, shown) => {
  expect(publicUrl({ url })).toBe(shown);
});

test.each(["NATS://me:secret@h", "wss://me:secret@h", "nats://me:sec/ret@h/", "nats://h?secret", "nats://"])(
  "%s is refused without being repeated",
  (url) => {
    expect(() => publicUrl({ url })).toThrow(/^--nats takes nats:\/\/HOST:4222/);
    expect(() => publicUrl({ url })).not.toThrow(/secret/);
  },
);

test.each([
  ["nats://me:secret@10.0.0.1:4222", "nats://10.0.0.1:4222"],
  ["--nats=nats://me:secret@h", "--nats=nats://h"],
  ["me:secret@h:1,tls://t@i", "h:1,tls://i"],
  ["nats://dG9rZW4=@h", "nats://h"],
  ["me:pa=ss@h", "h"],
  ["--nats=nats://me:sec/ret@h", "--nats=nats://h"],
  ["nats://a, nats://c:d@b", "nats://a, nats://b"],
  ["node s.js --db postgres://u:secret@h/x", "node s.js --db postgres://h/x"],
  ["--frameworks=a/b,c", "--frameworks=a/b,c"],
])("the argument %s is %s for others", (argument, shown) => {
  expect(withoutIdentity(argument)).toBe(shown);
});
