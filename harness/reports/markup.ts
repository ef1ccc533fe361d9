/**
 * HTML and SVG by template, with every inserted value escaped. The only way past the escaping is a `Markup`, and the
 * only way to a `Markup` is this template, so untrusted text cannot become a tag.
 */
import { visible } from "./safe-text.ts";

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Insertable = string | number | Markup | null | readonly Insertable[];

/** A piece of HTML or SVG. Text and numbers are escaped, lists are joined, null leaves nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  let text = parts[0] ?? "";
  for (const [index, value] of values.entries()) text += insert(value) + (parts[index + 1] ?? "");
  return new Markup(text);
}

function insert(value: Insertable): string {
  if (value === null) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "number") return String(Math.round(value * 1000) / 1000);
  if (typeof value === "string") return escape(visible(value));
  return value.map(insert).join("");
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
