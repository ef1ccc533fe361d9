import { allowedCpus, parseCpuList } from "../../../harness/machine/cpu-list.ts";
import { expect, test } from "vitest";
import { assignCpus } from "../../../harness/plan/cpus.ts";

test("parses single CPUs and ranges, sorted and without repeats", () => {
  expect(parseCpuList("7,0-2,1", "--server-cpus")).toEqual([0, 1, 2, 7]);
});

test.each(["", "a", "1-", "3-1", "0,,1", "-1", "1.5"])('refuses the CPU list "%s"', (list) => {
  expect(() => parseCpuList(list, "--server-cpus")).toThrow("--server-cpus takes a CPU list");
});

test("gives server and generator disjoint CPUs when there are two", () => {
  const { serverCpus, clientCpus } = assignCpus(null, null);
  const shared = serverCpus.filter((cpu) => clientCpus.includes(cpu));
  expect(shared).toHaveLength(allowedCpus().length > 1 ? 0 : 1);
});

test("moves the server away from a CPU the user gave to the generator", () => {
  const [first = 0, second = first] = allowedCpus();
  expect(assignCpus(null, [first]).serverCpus).toEqual([second]);
});

test("refuses a CPU this process may not use", () => {
  expect(() => assignCpus([4000], null)).toThrow("--server-cpus names CPU 4000; this process may use");
});
