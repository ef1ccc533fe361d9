/** The claim in the address, judged by every published run. */
import { claimView } from "../claim-view.ts";
import { claimOf } from "../claims.ts";
import { allRuns, runNamed } from "./data.ts";
import { fillForm, onState, onSubmit, type State } from "./state.ts";

export function startClaims(): void {
  const form = document.querySelector<HTMLFormElement>("form.claim-form");
  const place = document.querySelector<HTMLElement>("#judged");
  const own = document.querySelector<HTMLElement>("#own");
  if (form === null || place === null || own === null) return;
  // Runs may take long to load, and what is judged is what was asked last.
  let asked = 0;
  const show = async (state: State): Promise<void> => {
    const question = ++asked;
    const isAsked = Object.keys(state).length > 0;
    own.hidden = isAsked;
    place.replaceChildren();
    fillForm(form, state);
    if (!isAsked) return;
    const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value !== ""));
    const claim = claimOf(query.toString());
    if (claim === null) {
      place.textContent = "This is no claim: name two servers, and a number above 0.";
      return;
    }
    try {
      const runs = await allRuns();
      const judges = await Promise.all(
        runs.map(async ({ name, machine, date }) => ({ run: await runNamed(name), machine, date })),
      );
      if (question === asked) place.innerHTML = claimView(claim, judges).text;
    } catch (error) {
      if (question === asked) place.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  onSubmit(form, (state) => void show(state));
  onState((state) => void show(state));
}
