/** Claims, judged against every run that is published; the script judges the one in the address. */
import { PROTOCOLS } from "../../contract.ts";
import { QUANTITIES } from "../../reports/comparison.ts";
import { markup } from "../../reports/markup.ts";
import { dateOf, machineOf } from "../catalogue.ts";
import { claimView } from "../claim-view.ts";
import { OWN_CLAIMS } from "../claims.ts";
import type { Page } from "../page.ts";

export default {
  title: "Claims",
  place: 4,
  fileName: "claims.html",
  render: ({ runs }) => {
    const judges = runs.map((run) => ({ run, machine: machineOf(run), date: dateOf(run) }));
    const quantities = Object.entries(QUANTITIES).map(
      ([name, words]) => markup`<option value="${name}">${words}</option>`,
    );
    return markup`<h1>Does it hold where you run?</h1>
<p class="lead">A ranking is true of one machine. A claim is judged again by every run: it <b>held</b> where the whole 95 % interval is within it, was <b>reversed</b> where the whole interval is beyond, and is <b>undecided</b> otherwise.</p>
<form class="claim-form" aria-label="A claim of your own" hidden>
<label>server <input name="less" required placeholder="reactor/epoll"></label>
<label>has at most <input name="most" required inputmode="decimal" value="1" size="5"></label>
<label>times the <select name="quantity">${quantities}</select></label>
<label>of <input name="than" required placeholder="node-net"></label>
<label>in <input name="scenario" required value="echo" size="8"></label>
<label>over <select name="protocol">${PROTOCOLS.map((protocol) => markup`<option>${protocol}</option>`)}</select></label>
<label>above so many idle connections <input name="aboveIdle" inputmode="numeric" size="7" placeholder="any"></label>
<button type="submit">Judge</button>
</form>
<div id="judged" aria-live="polite"></div>
<div id="own">${OWN_CLAIMS.map((claim) => claimView(claim, judges))}</div>`;
  },
} satisfies Page;
