/** What a browser adds to a page that is complete without it. */
import { startClaims } from "./claims.ts";
import { startCompare } from "./compare.ts";
import { startFilters } from "./filters.ts";

startFilters();
startCompare();
startClaims();
