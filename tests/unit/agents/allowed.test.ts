/** Which addresses an agent loads. */
import { describe, expect, test } from "vitest";
import { LOOPBACK, parseAllowed } from "../../../harness/agents/allowed.ts";

test.each([
  [LOOPBACK, "127.3.4.5", 80, true],
  [LOOPBACK, "128.0.0.1", 80, false],
  ["10.1.2.3", "10.1.2.3", 9, true],
  ["10.1.2.3", "10.1.2.4", 9, false],
  ["10.1.0.0/16", "10.1.255.4", 9, true],
  ["10.1.0.0/16", "10.2.0.1", 9, false],
  ["10.1.2.3:4000", "10.1.2.3", 4000, true],
  ["10.1.2.3:4000", "10.1.2.3", 4001, false],
  ["10.1.2.3, 127.0.0.1", "127.0.0.1", 1, true],
  ["0.0.0.0/0", "1.2.3.4", 1, true],
])("%s and %s:%i", (list, host, port, isAllowed) => {
  expect(parseAllowed(list).has(host, port)).toBe(isAllowed);
});

test("a name is no address, so that nobody can change what it means", () => {
  expect(parseAllowed("0.0.0.0/0").has("localhost", 80)).toBe(false);
});

describe("a list that cannot be meant", () => {
  test.each(["", "localhost", "10.1.2.3/33", "10.1.2.3:70000", "10.1.2", "::1", "10.1.2.3,,"])(
    "%s",
    (list) => {
      expect(() => parseAllowed(list)).toThrow(/--allow takes IPv4 addresses/);
    },
  );
});
