/** The scripts that start shards on other machines: what they would run there, and the manifest as Kubernetes reads it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../../harness/project.ts";

const DEPLOY = join(PROJECT_ROOT, "deploy");

function bash(script: string, args: string[], env: Record<string, string>) {
  return spawnSync("bash", [join(DEPLOY, script), ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
}

test("the manifest is an Indexed Job whose pods are the shards", () => {
  const { kind, spec } = parse(readFileSync(join(DEPLOY, "kubernetes.yaml"), "utf8")) as {
    kind: string;
    spec: {
      completionMode: string;
      completions: string;
      parallelism: string;
      template: { spec: { containers: { args: string[] }[]; restartPolicy: string } };
    };
  };
  expect(kind).toBe("Job");
  expect(spec).toMatchObject({ completionMode: "Indexed", backoffLimit: 0 });
  expect(spec.parallelism).toBe(spec.completions);
  expect(spec.template.spec.restartPolicy).toBe("Never");
  expect(spec.template.spec.containers[0]?.args[0]).toContain('--shard "$((JOB_COMPLETION_INDEX + 1))/');
});

test.each(["ssh.sh", "kubernetes.sh"])("%s without arguments says how it is used", (script) => {
  const { status, stderr } = bash(script, [], {});
  expect(status).toBe(2);
  expect(stderr).toContain(`deploy/${script}`);
});
