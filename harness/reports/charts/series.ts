/**
 * The look of each server, the same in every chart of a report: a colour for the framework and a dash pattern for the
 * variant. The colours of each palette stay apart for readers who see no red or no green, and from the page; a test
 * checks it. No chart relies on colour alone.
 */
import type { Cell } from "../../results/run.ts";
import { serverName } from "../../results/server-name.ts";

/** The background of a page. */
export const PAGES = { light: "#fcfcfb", dark: "#17181a" };

/** The same place in both palettes is the same framework. */
export const PALETTES = {
  light: ["#4391ff", "#f36823", "#256e77", "#4a1a70", "#bc2606", "#509ea0", "#254dc2", "#720018"],
  dark: ["#63c8ff", "#ffb863", "#5aa69c", "#7566a4", "#e57808", "#6bf9e3", "#6d8dff", "#b54c36"],
};

const COLOURS = PALETTES.light.length;

const DASHES = ["", "7 3", "2 3", "11 4", "7 3 2 3", "4 2", "11 3 2 3 2 3"];

export interface Look {
  /** A class of style.ts: `c0` … `c7`. */
  colour: string;
  /** An SVG dash pattern; empty for a whole line. */
  dash: string;
}

export type Looks = ReadonlyMap<string, Look>;

/** A look for each server label of a run; it depends on the names alone, so two runs of the same servers look alike. */
export function assignLooks(cells: readonly Cell[]): Looks {
  const frameworks = [...new Set(cells.map(({ framework }) => framework))].toSorted();
  const looks = new Map<string, Look>();
  for (const [index, framework] of frameworks.entries()) {
    const own = cells.filter((cell) => cell.framework === framework);
    const labels = [...new Set(own.map(serverName))].toSorted();
    // From the ninth framework on colours come again, with dashes that the first round leaves for later variants.
    const shift = Math.floor(index / COLOURS) * 3;
    for (const [variant, label] of labels.entries()) {
      looks.set(label, {
        colour: `c${index % COLOURS}`,
        dash: DASHES[(variant + shift) % DASHES.length] ?? "",
      });
    }
  }
  return looks;
}

/** The look of a label that was given to `assignLooks`. */
export function lookOf(looks: Looks, label: string): Look {
  const look = looks.get(label);
  if (look === undefined)
    throw new Error(`No look was assigned to ${label}; pass every cell of the run to assignLooks.`);
  return look;
}
