/** The GitHub Action and the workflows of this repository, as GitHub's own schemas and our own rules have them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { validateAction, validateWorkflow } from "@action-validator/core";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../../harness/project.ts";

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
}

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), "utf8");

const FOLDER = ".github/workflows";
const workflows = readdirSync(join(PROJECT_ROOT, FOLDER)).map((file) => `${FOLDER}/${file}`);

function stepsOf(text: string): Step[] {
  const { jobs, runs } = parse(text) as {
    jobs?: Record<string, { steps: Step[] }>;
    runs?: { steps: Step[] };
  };
  return [...Object.values(jobs ?? {}).flatMap(({ steps }) => steps), ...(runs?.steps ?? [])];
}

test("the action matches GitHub's schema", () => {
  expect(validateAction(read("action.yml")).errors).toEqual([]);
});

test.each(workflows)("%s matches GitHub's schema", (path) => {
  expect(validateWorkflow(read(path)).errors).toEqual([]);
});

test("the schema refuses what is none", () => {
  expect(validateAction("name: x\nruns: {}\n").errors).not.toEqual([]);
});

describe.each(["action.yml", ...workflows])("%s", (path) => {
  const steps = stepsOf(read(path));

  test("pins every action by its SHA", () => {
    const others = steps.flatMap(({ uses }) => (uses === undefined || uses.startsWith("./") ? [] : [uses]));
    for (const uses of others) expect(uses).toMatch(/@[0-9a-f]{40}$/);
  });

  test("lets no input become part of a shell command", () => {
    for (const { run } of steps) expect(run ?? "").not.toContain("${{");
  });
});

test("every input of the action reaches the program, and every output comes from it", () => {
  const { inputs, outputs } = parse(read("action.yml")) as Record<
    "inputs" | "outputs",
    Record<string, unknown>
  >;
  const names = Object.keys(inputs);
  expect(names.toSorted()).toEqual(["base", "budget", "config", "head", "min-effect", "on-inconclusive"]);
  expect(Object.keys(outputs).toSorted()).toEqual(["min-detectable", "report-path", "verdict"]);
  const program = read("scripts/github-action.ts");
  for (const name of names) expect(program).toContain(`"${name.replaceAll("-", "_").toUpperCase()}"`);
  for (const name of Object.keys(outputs)) expect(program).toMatch(new RegExp(`"?${name}"?: `));
});

test("the gate's workflow is content with reading, and only the comment's may write", () => {
  const permissions = (path: string) => (parse(read(path)) as { permissions: unknown }).permissions;
  expect(permissions(`${FOLDER}/bench.yml`)).toEqual({ contents: "read" });
  expect(permissions(`${FOLDER}/bench-comment.yml`)).toEqual({ actions: "read", "pull-requests": "write" });
});
