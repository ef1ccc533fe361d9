/** The driver on every back end, with real clients; the cases are in native/driver/test. */
import { expect, test } from "vitest";
import { multiplexers } from "../../../reactor/index.ts";
import { describeNativeCases, listNativeCases } from "../native-program.ts";

const cases = await listNativeCases("driver_test");

test("the driver is under test on every multiplexer", () => {
  expect(new Set(cases.map(({ group }) => group))).toEqual(new Set(multiplexers().map(({ name }) => name)));
});

// Its long cases only wait for time limits.
describeNativeCases("driver_test", cases, 8);
