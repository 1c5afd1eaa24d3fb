// Tab through the fields to check only, for those who asked for that: behind the last one comes the decision, from where
// Tab goes on as everywhere.

const CONTROLS = ".row__control :is(input:not([type=hidden]), select), .row__label select";

function stops(root) {
  const controls = [...root.querySelectorAll("#fields .row:is([data-check], [data-new])")].flatMap((row) => [...row.querySelectorAll(CONTROLS)]);
  return [...controls, root.querySelector("#save")].filter((one) => one && !one.disabled && one.checkVisibility() && isTabStop(one));
}

// Of radio buttons with one name, Tab stops at the chosen one.
const isTabStop = (control) =>
  control.type !== "radio" || control.checked || !control.form.querySelector(`[name="${CSS.escape(control.name)}"]:checked`);

export function tabThroughChecks(root, signal) {
  if (!root.querySelector("main[data-tab=checks]")) return;
  document.addEventListener("keydown", (event) => {
    const here = document.activeElement;
    if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey || !here.matches("#item, #fields *")) return;
    const before = (one) => Boolean(one.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING);
    const all = stops(root);
    const next = event.shiftKey ? all.findLast(before) : all.find((one) => one !== here && !before(one));
    if (!next) return;
    event.preventDefault();
    next.focus();
  }, { signal });
}
