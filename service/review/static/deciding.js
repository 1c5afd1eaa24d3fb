// Deciding on an item: once, even when a key is held down or a button pressed twice.

import { tellChanges } from "./changes.js";

export function save(root) {
  const button = root.querySelector("#save");
  if (button && !button.disabled) root.querySelector("#record-form").requestSubmit(button);
}

/** Approves as drafted; with changes, goes to the button that saves them. */
export function approve(root) {
  if (tellChanges(root)) root.querySelector("#save")?.focus();
  else save(root);
}

// The reasons of a rejection take the focus as they open (autofocus), so that a digit typed at once is theirs and picks
// one; Enter sends. The note takes digits as text.
function pickReasons(rejection, signal) {
  rejection.addEventListener("keydown", (event) => {
    if (event.target.matches("input[type=text]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const reason = /^[1-9]$/.test(event.key) && rejection.querySelectorAll("input[type=radio]")[event.key - 1];
    if (reason) {
      reason.checked = true;
      reason.focus();
    } else if (event.key === "Enter" && event.target.matches("input[type=radio]") && !event.repeat) {
      event.preventDefault();
      rejection.requestSubmit(rejection.querySelector("[name=decision]"));
    }
  }, { signal });
}

export function sendOnce(root, signal) {
  const forms = root.querySelectorAll("#record-form, #reject, #leave-form");
  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    }, { signal });
  }
  addEventListener("pageshow", () => {
    for (const form of forms) delete form.dataset.sent;
  }, { signal });
  const rejection = root.querySelector("#reject");
  if (rejection) pickReasons(rejection, signal);
}
