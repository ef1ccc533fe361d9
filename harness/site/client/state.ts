/** What a page shows is in its address, so that a link is a view, and the back button goes to the view before. */

export type State = Readonly<Record<string, string>>;

function readState(): State {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** Puts a view into the address, as one step of the history; empty values are left out. */
export function pushState(state: State): void {
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value !== "")).toString();
  const address = `${location.pathname}${query === "" ? "" : `?${query}`}`;
  if (address !== `${location.pathname}${location.search}`) history.pushState(null, "", address);
}

/** Calls `show` now and whenever the reader goes back or forward. */
export function onState(show: (state: State) => void): void {
  addEventListener("popstate", () => show(readState()));
  show(readState());
}

/** Shows a form, and puts what is submitted into the address instead of loading a page. */
export function onSubmit(form: HTMLFormElement, show: (state: State) => void): void {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const state = formState(form);
    pushState(state);
    show(state);
  });
}

/** Every field of a form by its name. */
export function formState(form: HTMLFormElement): State {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

/** Puts a view into a form; a value that a list does not have leaves it at its first. */
export function fillForm(form: HTMLFormElement, state: State): void {
  for (const field of form.elements) {
    if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) continue;
    const value = state[field.name] ?? (field instanceof HTMLInputElement ? field.defaultValue : "");
    field.value = value;
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.selectedIndex = 0;
  }
}
