/** A Chromium for tests of pages: the system's where there is one, else the one that comes as a package. */
import chromium from "@sparticuz/chromium";
import { existsSync } from "node:fs";
import { type Browser, chromium as playwright } from "playwright-core";

const SYSTEM_CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** Null where there is none. */
export function systemChromium(): string | null {
  return SYSTEM_CHROMIUM.find((path) => existsSync(path)) ?? null;
}

/** A headless browser; the caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = systemChromium() ?? (await chromium.executablePath());
  // The package's own arguments suit a cloud function: one process, which ends with its first page.
  return playwright.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    headless: true,
  });
}
