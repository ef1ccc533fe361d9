/**
 * Makes untrusted text harmless. Names, reasons and stderr come from servers under test and from files of other people,
 * so they may hold terminal codes, Markdown, HTML or spreadsheet formulas.
 */

/** Control characters, and the marks that turn the direction of text around, as visible escapes; new lines stay. */
export function visible(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    character === "\t" ? "  " : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** As `visible`, on one line. */
export function oneLine(text: string): string {
  return visible(text.replaceAll(/\s*[\r\n]+\s*/g, " "));
}

/** Text that Markdown shows as it is, in a paragraph or a table cell. */
export function markdownText(text: string): string {
  return (
    oneLine(text)
      .replaceAll(/[\\`*_[\]#+|~$]/g, String.raw`\$&`)
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      // A mention would notify a user when the report is posted; the empty comment keeps it from being one.
      .replaceAll("@", "@<!-- -->")
  );
}

/** A fenced block that no line of the text can end. */
export function markdownCode(lines: readonly string[]): string {
  const text = lines.map(visible).join("\n");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** A field as RFC 4180 wants it; text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvField(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
