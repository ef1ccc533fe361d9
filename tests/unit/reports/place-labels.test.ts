import { expect, test } from "vitest";
import { placeLabels } from "../../../harness/reports/charts/place-labels.ts";

const PLOT = { top: 0, bottom: 400 };
const level = (y: number): { x: number; y: number }[] => [
  { x: 0, y },
  { x: 100, y },
];

test("a label stays beside its point where nothing is in its way", () => {
  expect(placeLabels([{ x: 20, y: 200, characters: 20 }], [], PLOT)).toEqual([{ y: 200, isRight: true }]);
});

test("a label whose point is on the right stands to the left of it", () => {
  expect(placeLabels([{ x: 80, y: 200, characters: 20 }], [], PLOT)[0]?.isRight).toBe(false);
});

test("a label keeps off a line", () => {
  const [place] = placeLabels([{ x: 20, y: 200, characters: 20 }], [level(200)], PLOT);
  expect(Math.abs((place?.y ?? 200) - 200)).toBeGreaterThanOrEqual(17);
});

test("a line that ends before the label is no obstacle", () => {
  const before = [
    { x: 0, y: 200 },
    { x: 20, y: 200 },
  ];
  expect(placeLabels([{ x: 20, y: 200, characters: 20 }], [before], PLOT)[0]?.y).toBe(200);
});

test("labels of one column keep apart, in the order of their points", () => {
  const places = placeLabels(
    [
      { x: 20, y: 205, characters: 20 },
      { x: 20, y: 200, characters: 20 },
      { x: 20, y: 195, characters: 20 },
    ],
    [],
    PLOT,
  ).map(({ y }) => y);
  const [lowest = 0, middle = 0, highest = 0] = places;
  expect(lowest - middle).toBeGreaterThanOrEqual(34);
  expect(middle - highest).toBeGreaterThanOrEqual(34);
});

test("a label stays within the plot", () => {
  const places = placeLabels(
    [
      { x: 20, y: 0, characters: 20 },
      { x: 20, y: 400, characters: 20 },
    ],
    [],
    PLOT,
  );
  for (const { y } of places) {
    expect(y).toBeGreaterThanOrEqual(17);
    expect(y).toBeLessThanOrEqual(383);
  }
});
