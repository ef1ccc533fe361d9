/** The look of report.html: one column, light and dark by the reader's setting, from 400 pixels up and on paper. */
import { PAGES, PALETTES } from "./charts/series.ts";

const LIGHT_THEME = `--page:${PAGES.light};--ink:#17181a;--quiet:#5b5e63;--faint:#8a8d92;--line:#dedfe1;--raised:#f3f3f1;--good:#0b6b3a;--warn:#8a5200;--bad:#b3261e;--grey:#9a9ca0;${palette(PALETTES.light)}`;
const DARK_THEME = `--page:${PAGES.dark};--ink:#eeeeec;--quiet:#aeb1b6;--faint:#85888d;--line:#36383c;--raised:#202225;--good:#63cf94;--warn:#f0b45a;--bad:#ff8a80;--grey:#7c7f84;${palette(PALETTES.dark)}`;

function palette(colours: readonly string[]): string {
  return colours.map((colour, index) => `--c${index}:${colour};`).join("");
}

const SERIES = PALETTES.light.map((_, index) => `.c${index}{--series:var(--c${index})}`).join("");

/** A row becomes a card: its server and verdict on top, then each number with the name of its column. */
function cards(table: string): string {
  return `${table},${table} tbody{display:block;max-width:none}
${table} thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
${table} tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(176px,1fr));gap:2px 14px;padding:12px 0;border-bottom:1px solid var(--line)}
${table} td{display:flex;justify-content:space-between;gap:8px;padding:0;border:0;font-size:13px;text-align:left;white-space:nowrap}
${table} td::before{content:attr(data-label);overflow-wrap:normal;color:var(--quiet);font-weight:400}
${table} td.server{grid-column:1/-1;order:-2;font-size:15px;white-space:normal}
${table} td.server::before,${table} td.verdict-cell::before{content:none}
${table} td.verdict-cell{order:-1;justify-content:flex-start}
${table} td.wide{grid-column:span 2;white-space:normal}
${table} td.long{grid-column:1/-1;white-space:normal}
${table} tr.empty td:not(.server,.verdict-cell){display:none}`;
}

export const STYLE = `
:root{color-scheme:light dark;${LIGHT_THEME}}
@media (prefers-color-scheme:dark){:root{${DARK_THEME}}}
${SERIES}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1240px;padding:32px 24px 64px;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{margin:0 0 4px;font-size:26px;line-height:1.2;letter-spacing:-.01em}
h2{margin:56px 0 4px;padding-top:20px;border-top:2px solid var(--ink);font-size:21px;line-height:1.25}
h3{margin:40px 0 2px;font-size:16px}
h4{margin:0 0 2px;font-size:14px}
p{margin:4px 0 12px;max-width:92ch}
.quiet,figcaption{color:var(--quiet)}
a{color:inherit}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:8px 0 12px;padding:10px 12px;background:var(--raised);border-radius:6px;white-space:pre-wrap}
.verdict{display:flex;flex-wrap:wrap;gap:8px 24px;margin:16px 0 0;padding:0;list-style:none}
.verdict b{font-size:20px;margin-right:6px}
.status{white-space:nowrap}
.status::before{content:"";display:inline-block;width:8px;height:8px;margin-right:7px;border-radius:50%;background:currentColor}
.ok::before{background:var(--good)}
.client-limited,.steady{color:var(--warn)}
.failed,.invalid{color:var(--bad)}
.failed::before,.invalid::before{border-radius:0}
.unavailable,.pending{color:var(--quiet)}
.unavailable::before,.pending::before{background:none;border:1.5px solid currentColor}
table{width:100%;border-collapse:collapse;font-size:14px}
th{padding:6px 0 6px 14px;border-bottom:1px solid var(--ink);text-align:left;vertical-align:bottom;font-weight:600;line-height:1.25}
th{overflow-wrap:normal}
th small{display:block;color:var(--quiet);font-weight:400;font-size:12px;white-space:nowrap}
td{padding:6px 0 6px 14px;border-bottom:1px solid var(--line);vertical-align:baseline}
th:first-child,td:first-child{padding-left:0}
.right{text-align:right}
td.right{white-space:nowrap}
td small{color:var(--quiet);font-size:12px}
td.server{min-width:11em;font-weight:600}
tr.empty td:not(.server,.verdict-cell){color:var(--faint)}
tr.empty td.server{font-weight:400}
table.part{max-width:820px}
h4.after{margin-top:26px}
figure{margin:24px 0 0;break-inside:avoid}
figure .hint{margin:0 0 10px;color:var(--quiet);font-size:13px}
.pair{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 48px}
.pair>:only-child{grid-column:1/-1}
.chart{display:block;overflow:visible}
.chart text{fill:var(--ink);font-size:12px}
.chart .group{font-size:13px;font-weight:600}
.chart .tick{fill:var(--quiet)}
.chart .value{fill:var(--quiet)}
.chart.throughput{max-width:900px}
.fill{fill:var(--series)}
.pale{fill-opacity:.45}
.outline{fill:none;stroke:var(--series);stroke-width:1.5px}
.parted{stroke:var(--page);stroke-width:2px}
.generator{fill:var(--grey)}
.halo line{stroke:var(--page);stroke-width:4.5px}
.whisker line,.arrow path{stroke:var(--ink);stroke-width:1.5px;fill:none}
.grid{stroke:var(--line);stroke-width:1px}
.curve{stroke:var(--series);stroke-width:2px;fill:none;vector-effect:non-scaling-stroke}
.rate{fill:var(--series)}
.rate.bad{fill:none;stroke:var(--bad);stroke-width:1.5px;vector-effect:non-scaling-stroke}
.plot{fill:var(--raised)}
.timeline{max-width:1100px}
.leader{stroke:var(--faint);stroke-width:1px;fill:none}
.bridge{stroke-width:1px;opacity:.6}
.interval{stroke:var(--series);stroke-width:1px;opacity:.7}
.dot{fill:var(--series);stroke:var(--page);stroke-width:1px}
.hollow-dot{fill:var(--page);stroke:var(--series);stroke-width:1.5px}
.objective{stroke:var(--ink);stroke-width:1.5px;stroke-dasharray:5 4}
.faint{opacity:.45}
.failure-mark{stroke:var(--series);stroke-width:2px;fill:none}
.break path{stroke:var(--quiet);stroke-width:1px;fill:none}
.early-words text{paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
.hint.after{margin:26px 0 4px;color:var(--quiet);font-size:13px}
.spectrum{display:grid;grid-template-columns:56px minmax(0,1fr) 240px}
.legend{display:none;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;padding:0;list-style:none;font-size:13px}
.sample{margin-right:6px;overflow:visible}
.key{display:inline-block;width:12px;height:10px;margin:0 5px 0 0;background:var(--ink)}
.key.hollow{background:none;border:1.5px solid var(--ink)}.key.light{opacity:.45}.key.grey{background:var(--grey);height:4px;vertical-align:3px}
details{margin:10px 0 0}
summary{cursor:pointer;color:var(--quiet);font-size:13px}
.problem{margin:18px 0}
.problem p{margin:2px 0}
.problem .status{margin:0 10px 0 8px}
ul.prose{margin:4px 0;padding-left:20px;max-width:80ch}
ul.prose li{margin:4px 0}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 24px;margin:8px 0;font-size:14px}
dt{color:var(--quiet)}
dd{margin:0}
dd div+div{margin-top:1px}
@media screen and (max-width:1260px){table.main{font-size:13px}.main th,.main td{padding-left:10px}.main td small{display:block}}
@media screen and (max-width:1040px){
${cards("table.main")}
.main td small{display:inline}
}
@media (max-width:1100px){.pair{grid-template-columns:minmax(0,1fr)}}
@media screen and (max-width:760px){
body{padding:20px 16px 48px}
h1{font-size:22px}h2{margin-top:40px}
.spectrum{grid-template-columns:56px minmax(0,1fr)}.end-labels,.early-words{display:none}.legend{display:flex}
${cards("table.part")}
dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:8px}
}
@media print{
:root{color-scheme:light;${LIGHT_THEME}}
body{max-width:none;padding:0;font-size:11px}
table,td.server{font-size:9.5px}th,td{padding:3px 0 3px 7px}th small,td small{font-size:8.5px}.main td small{display:block}td.server{min-width:0}
.spectrum{grid-template-columns:56px minmax(0,1fr)}.end-labels,.early-words{display:none}.legend{display:flex}.pair{grid-template-columns:minmax(0,1fr)}
h2{break-after:avoid}h3{break-after:avoid}tr,.problem{break-inside:avoid}
details::details-content{display:block;content-visibility:visible}
.fill,.key,.status::before{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
