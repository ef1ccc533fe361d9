/** Links between the documents and into the code: a file that is moved takes its links along, or this fails. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(PROJECT_ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** The targets of inline links, without those in code. */
function linksOf(document: string): string[] {
  const text = readFileSync(join(PROJECT_ROOT, document), "utf8")
    .replaceAll(/^```[\s\S]*?^```/gm, "")
    .replaceAll(/`[^`\n]*`(?!\])/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
}

/** The anchors that a Markdown file offers, one for each heading. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Why a relative link leads nowhere; null when it leads somewhere or out of the project. */
function brokenReason(document: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(PROJECT_ROOT, document) : join(PROJECT_ROOT, dirname(document), path);
  if (!existsSync(file)) return `${target}: there is no such file`;
  if (anchor === undefined || anchorsOf(file).includes(anchor)) return null;
  return `${target}: there is no such heading`;
}

test("the search for links finds some", () => {
  expect(linksOf("README.md")).toContain("CONTRIBUTING.md");
});

test.each(DOCUMENTS)("every relative link of %s leads to a file of this project", (document) => {
  const broken = linksOf(document).flatMap((target) => brokenReason(document, target) ?? []);
  expect(broken).toEqual([]);
});
