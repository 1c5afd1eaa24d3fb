// What was typed into a record's form, kept in this tab until the record is decided: a reload, a sign-in that ran out or
// a way back to the page loses none of it. It is shown to the person who typed it and to nobody else: common.js empties
// it at the sign-out, and when somebody else has signed in.

import { addRow, tellChanges } from "./changes.js";
import { pathOf, point } from "./evidence.js";
import { rows } from "./moving.js";

const NOT_TYPED = /^(csrf_token|lease|revision|back|family|has:.*)$/;
const PREFIX = "typed ";

function restore(root, form, key) {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  if (!kept.length) return false;
  for (const [name] of kept) {
    const list = /^(participants|attributed_to)\/\d+\/name$/.exec(name)?.[1];
    if (list && !form.elements[name]) addRow(root, form.querySelector(`[data-list=${list}]`));
  }
  for (const control of form.querySelectorAll(".row :is(input, select)")) {
    const values = kept.filter(([name]) => name === control.name).map(([, value]) => value);
    if (control.matches("[type=radio], [type=checkbox]")) control.checked = values.includes(control.value);
    else if (control.type !== "hidden" && values.length) control.value = values[0];
  }
  for (const row of rows(root)) {
    const spans = kept.filter(([name]) => pathOf(name) === row.dataset.path).map(([, value]) => value);
    if (spans.length) point(row, spans, root.querySelector("#text"));
  }
  return true;
}

export function keepTyped(root, signal) {
  const { event, hold } = root.querySelector("main").dataset;
  const form = root.querySelector("#record-form");
  const key = `${PREFIX}${event} ${form.elements.revision.value}`;
  const typed = () => [...new FormData(form)].filter(([name]) => !NOT_TYPED.test(name));

  form.addEventListener("input", () => {
    if (tellChanges(root)) sessionStorage.setItem(key, JSON.stringify(typed()));
    else sessionStorage.removeItem(key);
  }, { signal });
  if (["mine", "free"].includes(hold) && !root.querySelector("#errors") && restore(root, form, key)) {
    root.querySelector("#notices").append(root.querySelector("#notice-kept").content.cloneNode(true));
  }
}

export function forget(event) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX + event)) sessionStorage.removeItem(key);
  }
}
