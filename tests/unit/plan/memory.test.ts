/** What idle connections need in memory, before they are opened. */
import { expect, test } from "vitest";
import { memoryObstacle } from "../../../harness/plan/memory.ts";

const TOGETHER = { isolated: false, port: 0 };
const GIBIBYTE = 1024 ** 3;
const cell = (idleConnections: number) => ({
  ...({ protocol: "tcp", scenario: "idle", parameters: { idleConnections, connections: 32 } } as const),
});

test("a crowd that fits is no obstacle", () => {
  expect(memoryObstacle(TOGETHER, [cell(200_000)], 8 * GIBIBYTE)).toBeNull();
});

test("a crowd that does not fit is refused, with how large one may be", () => {
  expect(memoryObstacle(TOGETHER, [cell(1_000_000)], 8 * GIBIBYTE)).toBe(
    "The idle connections need up to 18.2 GiB of memory, and 8.0 GiB are available. Use --idle 396458.",
  );
});

test("servers that are loaded in turn have their crowds at once, and servers alone do not", () => {
  const servers = [cell(200_000), cell(200_000), cell(200_000)];
  expect(memoryObstacle(TOGETHER, servers, 8 * GIBIBYTE)).toContain("Use --isolated, or --idle 132152.");
  expect(memoryObstacle({ ...TOGETHER, isolated: true }, servers, 8 * GIBIBYTE)).toBeNull();
});

test("where nobody knows how much there is, nobody refuses", () => {
  expect(memoryObstacle(TOGETHER, [cell(1_000_000)], null)).toBeNull();
});
