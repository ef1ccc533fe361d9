/** An HTML document whose own policy says what it may load, so that nothing a run holds can load more. */
import { type Markup, markup } from "./markup.ts";

export interface HtmlDocument {
  title: string;
  /** A Content-Security-Policy. */
  policy: string;
  /** Styles and scripts. */
  head: Markup;
  /** The whole body element. */
  body: Markup;
}

export function htmlDocument({ title, policy, head, body }: HtmlDocument): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
${head}
</head>
${body}
</html>
`.text;
}
