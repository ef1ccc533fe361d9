/** `readymark dashboard`: the published site, from the runs and the trials of the gate on disk. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, resolve, sep } from "node:path";
import { CONNECTIONS_FILE, GATE_PROOF_FOLDER, RUNS_FOLDER, SITE_FOLDER } from "../../harness/project.ts";
import { buildSite } from "../../harness/site/build.ts";
import { readCatalogue } from "../../harness/site/catalogue.ts";
import { parseOptions, wholeNumber, type Command } from "../arguments.ts";
import { untilSignal } from "../signals.ts";

const HELP = `usage: npm run -s dashboard -- [--runs FOLDER] [--out FOLDER] [--serve [--port N]]

Builds the site of all runs into results/site, which works from the folder itself, from any web server and below any path.
A run that cannot be read is named with the fields at fault, the others are published, and the exit code is 1.

  --runs FOLDER   runs to publish (default: results/runs)
  --out FOLDER    where the site goes, in the place of an earlier one (default: results/site)
  --serve         shows it on 127.0.0.1 until Ctrl-C
  --port N        the port for that (default: 8080; 0 takes a free one)
`;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
};

async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(
    {
      runs: { type: "string", default: RUNS_FOLDER },
      out: { type: "string", default: SITE_FOLDER },
      serve: { type: "boolean", default: false },
      port: { type: "string", default: "8080" },
    },
    argv,
  );
  const port = wholeNumber(values.port, "--port", { least: 0, most: 65_535 });
  const catalogue = readCatalogue(
    resolve(values.runs),
    join(GATE_PROOF_FOLDER, "trials.jsonl"),
    CONNECTIONS_FILE,
  );
  for (const problem of catalogue.problems) process.stderr.write(`readymark: ${problem}\n`);
  const folder = resolve(values.out);
  const pages = await buildSite(catalogue, folder);
  process.stderr.write(
    `readymark: wrote ${pages.length} pages of ${catalogue.runs.length} runs to ${join(folder, "index.html")}\n`,
  );
  if (values.serve) await serve(folder, port);
  return catalogue.problems.length > 0 ? 1 : 0;
}

/** Nothing above the folder is served, however a path is written. */
async function contentOf(folder: string, url: string): Promise<{ type: string; content: Buffer }> {
  const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  const file = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
  if (!file.startsWith(`${folder}${sep}`)) throw new Error(`${file} is outside ${folder}.`);
  return { type: TYPES[extname(file)] ?? "application/octet-stream", content: await readFile(file) };
}

/** Resolves when a signal ends it. */
async function serve(folder: string, port: number): Promise<void> {
  const server = createServer((request, response) => {
    contentOf(folder, request.url ?? "/").then(
      ({ type, content }) => response.writeHead(200, { "content-type": type }).end(content),
      () => response.writeHead(404, { "content-type": "text/plain" }).end("There is no such page.\n"),
    );
  });
  const interruption = untilSignal();
  await new Promise<void>((done, fail) => {
    server.once("error", fail).listen(port, "127.0.0.1", done);
  });
  const address = server.address();
  const shown = typeof address === "object" && address !== null ? address.port : port;
  process.stderr.write(`readymark: http://127.0.0.1:${shown}/ (Ctrl-C ends it)\n`);
  await new Promise((done) => interruption.signal.addEventListener("abort", done));
  server.closeAllConnections();
  server.close();
  interruption.forget();
}

export default {
  name: "dashboard",
  summary: "build the published site",
  help: HELP,
  run,
} satisfies Command;
