/** Claims are judged by intervals, and a link to one is the claim itself. */
import { describe, expect, test } from "vitest";
import {
  claimOf,
  claimQuery,
  claimText,
  judgeClaim,
  OWN_CLAIMS,
  type Claim,
} from "../../../harness/site/claims.ts";
import { claimView } from "../../../harness/site/claim-view.ts";
import { idleCells, idleRun, type Outcome } from "../../fixtures/idle-cells.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const CLAIM: Claim = {
  ...{ less: "birch/epoll", than: "acorn", quantity: "server CPU", most: 0.7 },
  ...{ scenario: "echo", protocol: "tcp", aboveIdle: null },
};

describe("a claim of at most so many times as much", () => {
  const judged = (claim: Partial<Claim>) => judgeClaim({ ...CLAIM, ...claim }, fixtureRun())?.judgement;

  test("held where the whole interval is within it", () => {
    // 5.2 of 8.7 µs.
    expect(judged({})).toBe("held");
  });

  test("is reversed where the whole interval is beyond it", () => {
    expect(judged({ most: 0.4 })).toBe("reversed");
  });

  test("is undecided where the interval holds the limit", () => {
    const ratio = judgeClaim(CLAIM, fixtureRun())?.ratios[0]?.ratio;
    expect(judged({ most: ratio?.value ?? 0 })).toBe("undecided");
  });

  test("is not judged by numbers of a server that was still becoming faster", () => {
    const run = fixtureRun();
    for (const { framework, summary } of run.cells)
      if (framework === "acorn" && summary !== null) summary.validity.verdict = "not-steady";
    expect(judgeClaim(CLAIM, run)).toBeNull();
  });

  test("is judged by the CPU time alone where the generator was the limit", () => {
    const run = fixtureRun();
    for (const { summary } of run.cells) if (summary !== null) summary.validity.verdict = "client-limited";
    expect(judgeClaim(CLAIM, run)?.judgement).toBe("held");
    expect(judgeClaim({ ...CLAIM, quantity: "throughput" }, run)).toBeNull();
  });

  test("cannot be judged by a run without both servers", () => {
    expect(judged({ than: "nobody" })).toBeUndefined();
    expect(judged({ scenario: "nothing" })).toBeUndefined();
  });
});

describe("a claim above a number of idle connections", () => {
  const line = (cost: (idle: number) => number): Record<number, Outcome> =>
    Object.fromEntries([10, 100, 1000, 10_000].map((idle) => [idle, { cpuNs: cost(idle), spread: 0.01 }]));
  const run = idleRun(
    idleCells(
      "reactor/epoll",
      line(() => 10_000),
    ),
    idleCells(
      "reactor/poll",
      line((idle) => 8000 + 10 * idle),
    ),
  );
  const claim: Claim = {
    ...CLAIM,
    ...{ less: "reactor/epoll", than: "reactor/poll", most: 1, scenario: "idle", aboveIdle: 100 },
  };

  test("is judged by the cells above it alone", () => {
    expect(judgeClaim(claim, run)).toMatchObject({
      judgement: "held",
      ratios: [{ idle: 1000 }, { idle: 10_000 }],
    });
    expect(judgeClaim({ ...claim, aboveIdle: 1 }, run)?.judgement).toBe("reversed");
  });

  test("is drawn with every number of idle connections, and without a drawing where there are none", () => {
    const judges = [{ run, machine: "a machine", date: "today" }];
    const drawn = claimView(claim, judges).text;
    expect(drawn.match(/class="plain-dot"/g)).toHaveLength(4);
    expect(drawn).toContain('class="crossing"');
    const plain = [{ run: fixtureRun(), machine: "a machine", date: "today" }];
    expect(claimView(CLAIM, plain).text).not.toContain("plain-dot");
  });

  test.each([
    ["falls", claim],
    ["rises", { ...claim, less: "reactor/poll", than: "reactor/epoll" }],
  ])("says where the two cross, with an interval around it, when the ratio %s", (_how, one) => {
    const { value, low, high } = judgeClaim(one, run)?.crossover ?? { value: 0, low: 0, high: 0 };
    // 8,000 + 10 n = 10,000 at 200, between the measured 100 and 1,000.
    expect(value).toBeGreaterThan(100);
    expect(value).toBeLessThan(1000);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  });
});

test.each([...OWN_CLAIMS, CLAIM])("a claim survives its link: %o", (claim) => {
  expect(claimOf(claimQuery(claim))).toEqual(claim);
});

test.each([
  "",
  "less=a&than=b",
  claimQuery({ ...CLAIM, most: 0 }),
  claimQuery(CLAIM).replace("tcp", "quic"),
  `${claimQuery(CLAIM)}&aboveIdle=-1`,
  `${claimQuery(CLAIM)}&aboveIdle=many`,
])("what is no claim is none: %s", (query) => {
  expect(claimOf(query)).toBeNull();
});

test("a claim reads as a sentence", () => {
  expect(claimText(CLAIM)).toBe(
    "birch/epoll has at most 0.7 times the server CPU per operation of acorn, in echo over tcp",
  );
  expect(claimText({ ...CLAIM, most: 1, aboveIdle: 1000 })).toBe(
    "birch/epoll has no more server CPU per operation than acorn, in echo over tcp above 1,000 idle connections",
  );
});
