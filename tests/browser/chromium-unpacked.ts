/** Unpacks the Chromium of the package before any test: two files that began together would find it half written. */
import chromium from "@sparticuz/chromium";
import { systemChromium } from "./browser.ts";

export async function setup(): Promise<void> {
  if (systemChromium() === null) await chromium.executablePath();
}
