import { describe, expect, test } from "vitest";
import { assignLooks, lookOf, PAGES, PALETTES } from "../../../harness/reports/charts/series.ts";

type Triple = [number, number, number];

/** How colours arrive at eyes without a kind of cone (Machado, Oliveira and Fernandes 2009), on linear RGB. */
const SIGHT: Record<string, Triple[]> = {
  "full colour sight": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

function linearRgb(hex: string): Triple {
  return [1, 3, 5]
    .map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as Triple;
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

/** OKLab, in which equal distances look equally different. */
function oklab(rgb: readonly number[]): Triple {
  const cones = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ].map((row) => Math.cbrt(dot(row, rgb)));
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], cones),
    dot([1.9779984951, -2.428592205, 0.4505937099], cones),
    dot([0.0259040371, 0.7827717662, -0.808675766], cones),
  ];
}

function contrast(left: string, right: string): number {
  const [dark = 0, bright = 0] = [left, right]
    .map((hex) => dot([0.2126, 0.7152, 0.0722], linearRgb(hex)) + 0.05)
    .toSorted((a, b) => a - b);
  return bright / dark;
}

describe.each(["light", "dark"] as const)("the %s palette", (theme) => {
  test.each(Object.entries(SIGHT))("keeps its colours apart for %s", (_, matrix) => {
    const seen = PALETTES[theme].map((hex) =>
      oklab(matrix.map((row) => Math.max(0, dot(row, linearRgb(hex))))),
    );
    const distances = seen.flatMap((one, index) =>
      seen
        .slice(index + 1)
        .map((other) => Math.hypot(...one.map((value, axis) => value - (other[axis] ?? 0)))),
    );
    expect(Math.min(...distances)).toBeGreaterThan(0.12);
  });

  test("stands out from the page", () => {
    const contrasts = PALETTES[theme].map((hex) => contrast(hex, PAGES[theme]));
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(3);
  });
});

describe("the looks of servers", () => {
  const cell = (framework: string, variant: string) =>
    ({ framework, variant }) as Parameters<typeof assignLooks>[0][number];

  test("share a colour within a framework and differ in the dash", () => {
    const looks = assignLooks([cell("birch", "poll"), cell("birch", "epoll")]);
    expect(lookOf(looks, "birch/poll").colour).toBe(lookOf(looks, "birch/epoll").colour);
    expect(lookOf(looks, "birch/poll").dash).not.toBe(lookOf(looks, "birch/epoll").dash);
  });

  test("do not depend on the order of the cells", () => {
    const cells = [cell("birch", "poll"), cell("acorn", "default"), cell("birch", "epoll")];
    expect(assignLooks(cells.toReversed())).toEqual(assignLooks(cells));
  });

  test("differ when there are more frameworks than colours", () => {
    const cells = Array.from({ length: 12 }, (_, index) =>
      cell(`framework-${String(index).padStart(2, "0")}`, "default"),
    );
    const looks = [...assignLooks(cells).values()].map(({ colour, dash }) => `${colour} ${dash}`);
    expect(new Set(looks).size).toBe(12);
  });
});
