// What the server would refuse, told at its field while somebody types. The server looks again at what is saved.

import { tellChanges } from "./changes.js";
import { ask } from "./sending.js";

const PAUSE = 400; // milliseconds without a key before anything is asked

const controlsAt = (form, path) => [...form.querySelectorAll(`[name="${CSS.escape(path)}"]:not([type=hidden])`)];
const rowAt = (form, path) => form.querySelector(`.row[data-path="${CSS.escape(path)}"]`);

function describe(control, id, isWrong) {
  const ids = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (isWrong) ids.add(id);
  else ids.delete(id);
  control.toggleAttribute("aria-describedby", ids.size > 0);
  if (ids.size) control.setAttribute("aria-describedby", [...ids].join(" "));
  if (isWrong) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

function clear(form) {
  for (const note of form.querySelectorAll(".row__note--error")) {
    for (const control of form.querySelectorAll(`[aria-describedby~="${CSS.escape(note.id)}"]`)) describe(control, note.id, false);
    note.remove();
  }
}

/** Puts a complaint below its field; returns it as it is to be read out, nothing when no field has the name. */
function complain(form, path, told) {
  const [control] = controlsAt(form, path);
  const row = control?.closest(".row") ?? rowAt(form, path);
  if (!row) return "";
  const id = `${control?.id || row.id}-e`;
  const label = control?.getAttribute("aria-label") ?? row.querySelector(".row__label").textContent.trim();
  const note = Object.assign(document.createElement("p"), { id, className: "row__note row__note--error" });
  note.textContent = control?.getAttribute("aria-label") ? `${label}: ${told}` : told;
  row.querySelector(".row__words").before(note);
  if (control) describe(control, id, true);
  return `${label}: ${told}`;
}

function show(root, errors) {
  const form = root.querySelector("#record-form");
  clear(form);
  const said = Object.entries(errors).map(([path, told]) => complain(form, path, told.join(" "))).filter(Boolean);
  const aside = root.querySelector("#checked");
  const before = aside.textContent;
  const now = said.join(" ") || (before ? "Everything can be saved." : "");
  if (now !== before) aside.textContent = now;
}

export function checkTyped(root, signal) {
  const form = root.querySelector("#record-form");
  const { check } = root.querySelector("main").dataset;
  let timer = 0;
  let asked = new AbortController();

  async function look() {
    asked = new AbortController();
    const answer = await ask(check, new FormData(form), asked.signal);
    if (answer !== null) show(root, JSON.parse(answer).errors);
  }

  function stop() {
    clearTimeout(timer);
    asked.abort();
  }

  form.addEventListener("input", () => {
    stop();
    if (tellChanges(root)) timer = setTimeout(look, PAUSE);
    else show(root, {});
  }, { signal });
  form.addEventListener("submit", stop, { signal });
  signal.addEventListener("abort", stop);
}
