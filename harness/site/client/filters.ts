/** Filters of a run's page: they hide workloads and rows, and change no number; and the server that ratios go to. */
import { compare, type Quantity } from "../../reports/comparison.ts";
import type { Cell, Run } from "../../results/run.ts";
import { serverName } from "../../results/server-name.ts";
import { NOT_OBSERVED, withInterval } from "../../units.ts";
import { fillForm, formState, onState, pushState, type State } from "./state.ts";

const OF_WORKLOAD = ["scenario", "protocol", "connections", "payload"] as const;

export function startFilters(): void {
  const form = document.querySelector<HTMLFormElement>("form.filters");
  const data = document.querySelector("#run")?.textContent;
  if (form === null || data == null) return;
  const run = JSON.parse(data) as Run;
  const workloads = [...document.querySelectorAll<HTMLElement>(".workload")];
  for (const name of OF_WORKLOAD)
    addOptions(
      form,
      name,
      workloads.map((one) => one.dataset[name] ?? ""),
    );
  addOptions(
    form,
    "framework",
    run.cells.map(({ framework }) => framework),
  );
  addOptions(form, "baseline", ["", ...run.cells.map(serverName)], "each table's own");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    pushState(formState(form));
    show(formState(form));
  });
  for (const button of document.querySelectorAll<HTMLButtonElement>("button.reset"))
    button.addEventListener("click", () => {
      pushState({});
      show({});
    });
  const show = (state: State): void => {
    fillForm(form, state);
    // An address may ask for what this run does not have, and is told so.
    filter(workloads, state);
    showRatios(workloads, run, state["baseline"] ?? "");
  };
  onState(show);
}

function addOptions(form: HTMLFormElement, name: string, values: readonly string[], all = "all"): void {
  const select = form.elements.namedItem(name);
  if (!(select instanceof HTMLSelectElement)) return;
  const found = [...new Set(values)].filter((value) => value !== "");
  select.replaceChildren(new Option(all, ""), ...found.map((value) => new Option(value, value)));
  // A choice of one is none.
  const label = select.closest("label");
  if (label !== null) label.hidden = found.length < 2;
}

function filter(workloads: readonly HTMLElement[], state: State): void {
  const framework = state["framework"] ?? "";
  let shown = 0;
  for (const row of document.querySelectorAll<HTMLElement>("tr[data-server]"))
    row.hidden = framework !== "" && frameworkOf(row.dataset["server"] ?? "") !== framework;
  for (const one of workloads) {
    const rows = [...one.querySelectorAll<HTMLElement>("tr[data-server]")];
    const isWanted =
      OF_WORKLOAD.every((name) => !state[name] || one.dataset[name] === state[name]) &&
      rows.some((row) => !row.hidden);
    one.hidden = !isWanted;
    if (isWanted) shown += 1;
  }
  for (const section of document.querySelectorAll<HTMLElement>("section.scenario"))
    section.hidden = [...section.querySelectorAll<HTMLElement>(".workload")].every((one) => one.hidden);
  const nothing = document.querySelector<HTMLElement>(".nothing");
  if (nothing !== null) nothing.hidden = shown > 0;
}

/** "reactor/epoll" is of the framework "reactor". */
function frameworkOf(server: string): string {
  return server.split("/")[0] ?? "";
}

/** Writes the column of ratios anew, from the same comparison of the same generations that the page was built with. */
function showRatios(workloads: readonly HTMLElement[], run: Run, baseline: string): void {
  for (const workload of workloads) {
    const table = workload.querySelector<HTMLTableElement>("table.main");
    const cells = table === null ? [] : cellsOf(workload, run);
    const header = [...(table?.tHead?.rows[0]?.cells ?? [])].find(({ textContent }) =>
      /^(CPU|p99) ratio/.test(textContent ?? ""),
    );
    const small = header?.querySelector("small") ?? null;
    if (table === null || header === undefined || small === null) continue;
    small.dataset["own"] ??= small.textContent ?? "";
    const own = small.dataset["own"].replace(/^to /, "");
    const wanted = cells.some((cell) => serverName(cell) === baseline) ? baseline : own;
    const base = cells.find((cell) => serverName(cell) === wanted);
    small.textContent = `to ${wanted}`;
    for (const row of table.tBodies[0]?.rows ?? []) {
      const place = row.cells[header.cellIndex]?.querySelector("span");
      const cell = cells.find((one) => serverName(one) === row.dataset["server"]);
      if (place == null) continue;
      place.dataset["own"] ??= place.textContent ?? "";
      if (wanted === own) place.textContent = place.dataset["own"];
      else place.textContent = ratioText(base, cell, workload.dataset["quantity"] as Quantity);
    }
  }
}

/** The cells of one table, which share scenario, protocol and every setting. */
function cellsOf(workload: HTMLElement, run: Run): Cell[] {
  const { scenario, protocol, parameters } = workload.dataset;
  return run.cells.filter(
    (cell) =>
      cell.scenario === scenario &&
      cell.protocol === protocol &&
      JSON.stringify(cell.parameters) === parameters,
  );
}

function ratioText(base: Cell | undefined, cell: Cell | undefined, quantity: Quantity): string {
  // A server that failed in a later generation has samples of earlier ones, which count for nothing.
  if (base?.status !== "ok" || cell?.status !== "ok") return NOT_OBSERVED;
  const comparison = compare(base, cell, quantity);
  if (comparison === null) return NOT_OBSERVED;
  const { value, low, high } = comparison.ratio;
  return cell === base ? "1.00" : withInterval(value, low, high);
}
