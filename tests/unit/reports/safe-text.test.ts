import { describe, expect, test } from "vitest";
import { markup } from "../../../harness/reports/markup.ts";
import { csvField, markdownCode, markdownText, oneLine } from "../../../harness/reports/safe-text.ts";

describe("foreign text", () => {
  test("cannot send codes to a terminal", () => {
    expect(oneLine("a\u001b[2Jb\u009bc\rd")).toBe(String.raw`a\u001b[2Jb\u009bc d`);
  });

  test("cannot turn the direction of what follows", () => {
    expect(oneLine("a\u202eb")).toBe(String.raw`a\u202eb`);
  });

  test("cannot end a Markdown table cell or row", () => {
    expect(markdownText("a|b\nc")).toBe(String.raw`a\|b c`);
  });

  test("cannot be a Markdown link, image, emphasis or tag", () => {
    expect(markdownText("[x](y) ![z] *b* <i>")).toBe(String.raw`\[x\](y) !\[z\] \*b\* &lt;i&gt;`);
  });

  test("cannot mention somebody", () => {
    expect(markdownText("@admin")).toBe("@<!-- -->admin");
  });

  test("cannot end a Markdown code block", () => {
    const block = markdownCode(["before", "````", "after"]);
    expect(block).toBe("`````text\nbefore\n````\nafter\n`````");
  });

  test.each([
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["plain", "plain"],
    ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
    [-5, "-5"],
    [null, ""],
  ])("%j is a safe CSV field", (value, field) => {
    expect(csvField(value)).toBe(field);
  });

  test("cannot become a tag or leave an attribute", () => {
    const name = `"><script>alert('x')</script>&`;
    expect(markup`<b title="${name}">${name}</b>`.text).toBe(
      '<b title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">' +
        "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</b>",
    );
  });
});
