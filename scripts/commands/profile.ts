/** `readymark profile`: a real server under a real load, with a profiler around it. */
import { randomInt } from "node:crypto";
import { join, relative } from "node:path";
import { Failure } from "../../harness/failure.ts";
import { assignCpus } from "../../harness/plan/cpus.ts";
import { discoverFrameworks, discoverScenarios, peerModulesOf } from "../../harness/plan/discovery.ts";
import { SHARDS } from "../../harness/plan/policy.ts";
import { selectProtocols, selectScenarios, selectVariants } from "../../harness/plan/selection.ts";
import { profile } from "../../harness/profile/profile.ts";
import { clinicTools } from "../../harness/profile/tools/clinic.ts";
import { cpuProf, readCpuProfile, selfTimes } from "../../harness/profile/tools/cpu-prof.ts";
import { blindness, type Tool } from "../../harness/profile/tool.ts";
import { PROFILES_FOLDER } from "../../harness/project.ts";
import { resultId } from "../../harness/results/result-id.ts";
import { serverName } from "../../harness/results/server-name.ts";
import { unknownName } from "../../harness/unknown-name.ts";
import { percentage, whole } from "../../harness/units.ts";
import { alone } from "../alone.ts";
import { parseOptions, wholeNumber, type Command } from "../arguments.ts";

const TOOLS: readonly Tool[] = [cpuProf, ...clinicTools];
/** Functions of a profile that are printed. */
const MOST_SHOWN = 12;

const HELP = `usage: npm run -s readymark -- profile FRAMEWORK SCENARIO [options]

Runs a server under the load of a scenario and with a profiler around it, and prints where the profile is. The figures of
such a run are no benchmark: a profiler makes a server slower.

  --tool cpu-prof            ${TOOLS.map(({ name, description }) => `${name.padEnd(14)}${description}`).join(`\n${" ".repeat(29)}`)}
  --protocol tcp             tcp, http or ws (default: the first that the server and the scenario have)
  --seconds 5                seconds of load
  --out DIR                  where the profile goes (default: a new folder of results/profiles)
`;

async function run(argv: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseOptions(
    { tool: { type: "string", default: "cpu-prof" }, protocol: text, seconds: text, out: text },
    argv,
    { name: "SCENARIO", most: 2 },
  );
  const [wantedServer, scenarioName] = positionals;
  if (wantedServer === undefined || scenarioName === undefined)
    throw new Failure(2, "profile needs a FRAMEWORK and a SCENARIO: profile reactor/epoll echo");
  const tool = TOOLS.find(({ name }) => name === values.tool);
  if (tool === undefined)
    throw unknownName(
      "tool",
      values.tool,
      TOOLS.map(({ name }) => name),
    );
  const seconds = wholeNumber(values.seconds ?? "5", "--seconds", { least: 1, most: 600 });
  const frameworks = await discoverFrameworks();
  const [selected] = selectVariants(frameworks, [wantedServer], "default");
  const [scenario] = selectScenarios(await discoverScenarios(), [scenarioName], "default");
  if (selected === undefined || scenario === undefined)
    throw new Error("A name was selected, but nothing came of it.");
  const { discovered, variant } = selected;
  const name = serverName({ framework: discovered.framework.name, variant: variant.name });
  const common = variant.protocols.filter((one) => scenario.protocols?.includes(one) ?? true);
  const [wanted] = selectProtocols(values.protocol === undefined ? null : [values.protocol]) ?? common;
  const protocol = common.find((one) => one === wanted);
  if (protocol === undefined)
    throw new Failure(2, `${name} has ${scenario.name} over ${common.join(" and ") || "no protocol"} only.`);
  requireAvailable(name, await variant.availability());
  requireAvailable(tool.name, await tool.availability());
  const why = blindness(tool, name, variant);
  if (why !== null) throw new Failure(4, why);

  const [parameters = {}] = scenario.parameters({
    ...{ effort: "default", connections: null, payloadBytes: null, pipeline: null },
    ...{ ratesPerSecond: null, objective: null, idleConnections: null },
  });
  const workload = scenario.workload(parameters);
  if (workload.idleConnections !== undefined)
    throw new Failure(
      2,
      `profile loads a server, and ${scenario.name} is about connections that send nothing. Take echo.`,
    );
  const folder = values.out ?? join(PROFILES_FOLDER, resultId(new Date().toISOString()));
  const say = (sentence: string): void => void process.stderr.write(`readymark: ${sentence}\n`);
  return alone(`readymark profile ${argv.join(" ")}`, async (signal) => {
    const { files, load } = await profile({
      ...{ tool, protocol, seconds, folder, load: workload.load },
      target: {
        moduleUrl: discovered.moduleUrl,
        options: {
          ...{ protocol, variant: variant.name, host: "127.0.0.1", reusePort: false, shards: SHARDS },
          peers: peerModulesOf(frameworks),
        },
      },
      ...{ seed: randomInt(1, 1_000_000_000), ...assignCpus(null, null) },
      signal,
      onPhase: say,
    });
    say(
      `${whole(load.operations)} ${scenario.operations} in ${seconds} s, under the profiler. ${tool.howToRead}`,
    );
    if (tool === cpuProf) process.stderr.write(hottest(files));
    for (const file of files) process.stdout.write(`${relative(process.cwd(), file)}\n`);
    return 0;
  });
}

function requireAvailable(
  name: string,
  availability: { available: true } | { available: false; reason: string },
): void {
  if (!availability.available) throw new Failure(4, `${name} cannot run here: ${availability.reason}`);
}

/** What was on top of the stack for most of the time, of all threads together, as lines. */
function hottest(files: readonly string[]): string {
  const seconds = new Map<string, number>();
  for (const file of files)
    for (const { name, seconds: own } of selfTimes(readCpuProfile(file)))
      seconds.set(name, (seconds.get(name) ?? 0) + own);
  const total = [...seconds.values()].reduce((sum, own) => sum + own, 0);
  return [...seconds]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_SHOWN)
    .map(([name, own]) => `  ${percentage(own / total).padStart(7)}  ${name}\n`)
    .join("");
}

export default {
  name: "profile",
  summary: "a server under load, with a profiler around it",
  help: HELP,
  run,
} satisfies Command;
