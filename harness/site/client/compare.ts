/** The comparison of the two runs in the address. */
import { comparisonView } from "../comparison-view.ts";
import { runNamed } from "./data.ts";
import { fillForm, onState, onSubmit, type State } from "./state.ts";

export function startCompare(): void {
  const form = document.querySelector<HTMLFormElement>("form.compare-form");
  const place = document.querySelector<HTMLElement>("#compared");
  const base = form?.elements.namedItem("base");
  const head = form?.elements.namedItem("head");
  if (form === null || place === null) return;
  if (!(base instanceof HTMLSelectElement && head instanceof HTMLSelectElement)) return;
  if (head.options.length < 2) return;
  // A run may take long to load, and what is shown is what was asked for last.
  let asked = 0;
  const show = async (state: State): Promise<void> => {
    const question = ++asked;
    const wanted = {
      base: state["base"] ?? head.options[1]?.value ?? "",
      head: state["head"] ?? head.options[0]?.value ?? "",
    };
    fillForm(form, wanted);
    try {
      const [before, after] = await Promise.all([runNamed(wanted.base), runNamed(wanted.head)]);
      // Every string in it was escaped by the template that made it.
      if (question === asked) place.innerHTML = comparisonView(before, after).text;
    } catch (error) {
      if (question === asked) place.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  onSubmit(form, (state) => void show(state));
  onState((state) => void show(state));
}
