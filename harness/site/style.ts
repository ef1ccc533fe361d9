/** The style sheet of the site: that of a report, and what only the site has. */
import { STYLE } from "../reports/style.ts";

export const SITE_STYLE = `${STYLE}
.skip{position:absolute;left:-999px}
.skip:focus{left:16px;top:8px;padding:6px 10px;background:var(--page);outline:2px solid var(--ink)}
nav{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 18px;margin:-12px 0 28px;padding-bottom:10px;border-bottom:1px solid var(--line)}
nav a{padding:4px 0;text-decoration:none}
nav a:hover,nav a:focus-visible{text-decoration:underline}
nav a[aria-current]{font-weight:600;border-bottom:2px solid var(--ink)}
h1{max-width:34ch;font-size:30px}
.lead{font-size:17px;max-width:70ch}
footer{margin-top:64px;border-top:1px solid var(--line);padding-top:12px;font-size:13px}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
form{display:flex;flex-wrap:wrap;gap:10px 18px;align-items:end;margin:24px 0;padding:12px 14px;background:var(--raised);border-radius:6px;font-size:14px}
form[hidden],[hidden]{display:none!important}
label{min-width:0;max-width:100%;display:flex;flex-direction:column;gap:2px;color:var(--quiet);font-size:13px}
select,input,button{font:inherit;font-size:15px;min-height:34px;padding:4px 8px;color:var(--ink);background:var(--page);border:1px solid var(--quiet);border-radius:4px;max-width:100%}
button{cursor:pointer}
dl.explained{max-width:80ch}
.warning{margin:12px 0;padding:10px 14px;border:2px solid var(--bad);border-radius:6px}
.scroll{overflow-x:auto}
.changed{stroke:var(--quiet);stroke-width:1.5px;stroke-dasharray:4 4}
.claim h2{font-size:17px;margin-top:36px;padding-top:14px;border-top-width:1px}
.claim table{font-size:13px}
.line{display:block}
.history,.crossover{max-width:820px}
.plain-dot{fill:var(--ink)}
.whisker-line{stroke:var(--ink);stroke-width:1.5px}
.crossing{fill:var(--raised);stroke:none}
.badges{display:flex;flex-wrap:wrap;gap:8px 12px;padding:0;list-style:none}
.badges li{border:1px solid var(--quiet);border-radius:4px;overflow:hidden;font-size:14px}
.badges span{display:inline-block;padding:3px 8px}
.badges span:first-child{background:var(--raised);color:var(--quiet)}
g.points:focus-visible circle{stroke:var(--ink);stroke-width:3px}
@media screen and (max-width:760px){h1{font-size:23px}.claim td{text-align:right}.claim td.server{text-align:left}table.part td{white-space:normal}}
@media print{nav,form,footer,.skip{display:none}}
`;
