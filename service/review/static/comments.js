// Comments beside a record: added and resolved while the form stays as it is.

import { ask } from "./sending.js";
import { tellTimes } from "./times.js";

const textOf = (root) => root.querySelector("#comment-text");

/** Begins a comment on the field that is, or was last, in focus. */
export function commentOnField(root) {
  root.dispatchEvent(new Event("comment"));
}

function tell(root, said) {
  root.querySelector("#said-aside").textContent = said;
}

async function send(root, section, button, signal) {
  const form = new FormData(root.querySelector("#record-form"), button);
  form.set("then", "stay");
  const drawn = await ask(button.formAction, form, signal);
  if (drawn === null) return tell(root, "Not sent: the server does not answer. What you typed is kept.");
  section.innerHTML = drawn;
  tellTimes(section);
  textOf(root).focus();
  tell(root, button.name === "resolve" ? "Comment resolved" : "Comment added");
}

export function keepComments(root, signal) {
  const section = root.querySelector("#comments");
  let last = null;
  root.querySelector("#record-form").addEventListener("focusin", ({ target }) => {
    last = target.closest(".row[data-n]") ?? last;
  }, { signal });
  root.addEventListener("comment", () => {
    const text = textOf(root);
    if (!text) return;
    const path = last?.isConnected && !("new" in last.dataset) ? last.dataset.path : "";
    root.querySelector("#comment-field").value = path;
    text.focus();
  }, { signal });
  section.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    if (button.name === "comment" && !textOf(root).value.trim()) textOf(root).focus();
    else send(root, section, button, signal);
  }, { signal });
  // Elsewhere in the form these keys decide on the record.
  section.addEventListener("keydown", (event) => {
    if (event.target !== textOf(root) || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    section.querySelector("[name=comment]").click();
  }, { signal });
}
