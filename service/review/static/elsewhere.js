// Buttons of the record's form that send it elsewhere, with all that is typed in it, decide on nothing: what watches over
// decisions does not hear of them.

export function sendElsewhere(root, signal) {
  root.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) event.stopPropagation();
  }, { signal, capture: true });
}
