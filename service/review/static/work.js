// The work page: keys, the claim that lives while its reader works, fields and their words, changes beside the draft.
// Without this file the page still works: the claim is taken by a button, rows are added and put back by the server.

import { keepClaim } from "./claim.js";
import { forget, keepTyped } from "./kept.js";

const main = document.querySelector("main.work");
const form = document.querySelector("#record-form");
const save = document.querySelector("#save");
const rejection = document.querySelector("#reject");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const isNarrow = matchMedia("(max-width: 71.99rem)");

// Moving about

const show = (node) => node?.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
const rows = () => [...form.querySelectorAll(".row[data-n]")];
const rowOf = (number) => form.querySelector(`.row[data-n="${CSS.escape(number)}"]`);
const wordsOf = (number) => document.querySelector(`.text-pane .ev[data-n~="${CSS.escape(number)}"]`);
const fieldOf = (row) => row.querySelector("input[type=radio]:checked") ?? row.querySelector(".row__control :is(input:not([type=hidden]), select)");
const pane = (name) => { document.querySelector(`#pane-${name}`).checked = true; };

function goToRow(row) {
  if (!row) return;
  pane("record");
  show(row);
  const field = fieldOf(row);
  if (field && !field.matches(":disabled")) field.focus({ preventScroll: true });
  else row.querySelector("a.ref")?.focus({ preventScroll: true });
}

function goToWords(number) {
  const words = wordsOf(number);
  if (!words) return;
  pane("text");
  show(words);
  words.focus({ preventScroll: true });
}

form.addEventListener("focusin", ({ target }) => {
  const row = target.closest(".row[data-n]");
  if (row && !isNarrow.matches) show(wordsOf(row.dataset.n));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest(".text-pane .ev[href], a.ref, .why a");
  if (!link) return;
  event.preventDefault();
  const [kind, number] = link.hash.slice(1).split("-");
  if (kind === "e") goToWords(number);
  else goToRow(rowOf(number));
});

// Changes: what a control has now against what the record has

function valueOf(control) {
  const draft = control.dataset.draft;
  if (control.matches("[role=radiogroup]")) return [control.querySelector(":checked")?.value ?? "", draft];
  if (control.matches("[role=group]")) return [[...control.querySelectorAll(":checked")].map((box) => box.value).join(), draft];
  if (control.type === "checkbox") return [control.checked ? "yes" : "", draft];
  return [control.value.trim(), draft];
}

function putBack(row) {
  for (const control of row.querySelectorAll("[data-draft]")) {
    const draft = control.dataset.draft;
    const picked = draft.split(",");
    if (control.matches("[role]")) {
      for (const box of control.querySelectorAll("input")) box.checked = picked.includes(box.value);
    } else if (control.type === "checkbox") control.checked = draft !== "";
    else control.value = draft;
    control.removeAttribute("aria-invalid");
  }
  const remove = row.querySelector("[name=remove]");
  if (remove) remove.checked = false;
  for (const complaint of row.querySelectorAll(".row__note--error")) complaint.remove();
}

const isBlank = (row) => ![...row.querySelectorAll(".row__control input")].some((input) => input.value.trim());
const isRemoved = (row) => Boolean(row.querySelector("[name=remove]:checked"));

function isChanged(row) {
  if ("new" in row.dataset) return !isBlank(row);
  return isRemoved(row) || [...row.querySelectorAll("[data-draft]")].some((control) => {
    const [now, draft] = valueOf(control);
    return now !== draft;
  });
}

function tellChanges() {
  let fixes = 0;
  for (const row of rows()) {
    const changed = isChanged(row);
    fixes += changed;
    row.classList.toggle("row--changed", changed);
    const was = row.querySelector(".row__was");
    if (was) was.hidden = !changed;
  }
  if (!save) return fixes;
  save.querySelector("[data-label]").textContent = fixes ? `Save ${fixes} ${fixes === 1 ? "fix" : "fixes"}` : "Approve";
  save.querySelector("kbd").textContent = fixes ? "Ctrl ↵" : "A";
  return fixes;
}

form.addEventListener("input", tellChanges);
form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.name === "put_back") {
    event.preventDefault();
    const row = button.closest(".row");
    putBack(row);
    tellChanges();
    fieldOf(row)?.focus();
  } else if (button?.name === "add") {
    event.preventDefault();
    goToRow(addRow(button.closest(".group")));
  }
});
form.addEventListener("change", ({ target }) => {
  const row = target.closest(".row[data-new]");
  if (target.name === "remove" && row) row.remove();
  tellChanges();
});

function addRow(group) {
  const list = group.dataset.list;
  const taken = [...group.querySelectorAll(".row[data-path]")].map((row) => Number(row.dataset.path.split("/")[1]));
  const number = Math.max(-1, ...taken) + 1;
  const row = group.querySelector("template").content.firstElementChild.cloneNode(true);
  const n = Math.max(0, ...rows().map((one) => Number(one.dataset.n))) + 1;
  const renumber = (text) => text.replace(`${list}/0`, `${list}/${number}`).replace(`${list}-0`, `${list}-${number}`);
  for (const node of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "name", "value", "for", "data-path"]) {
      if (node.hasAttribute(name)) node.setAttribute(name, renumber(node.getAttribute(name)));
    }
  }
  Object.assign(row.dataset, { new: "", n });
  row.id = `f-${n}`;
  row.querySelector(".ref").textContent = n;
  row.setAttribute("aria-labelledby", `l-${n}`);
  row.querySelector("#l-0").id = `l-${n}`;
  group.querySelector(".group__add").before(row);
  return row;
}

// Deciding: once, even when a key is held down or a button pressed twice

for (const one of [form, rejection, document.querySelector("#leave-form")].filter(Boolean)) {
  one.addEventListener("submit", (event) => {
    if (one.dataset.sent) event.preventDefault();
    one.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const one of document.querySelectorAll("form[data-sent]")) delete one.dataset.sent;
});

const decide = () => { if (save && !save.disabled) form.requestSubmit(save); };

// Keys. Single ones are off while a field that takes letters has focus, and can be switched off for good.

const keysOn = document.querySelector("#keys-on");
keysOn.checked = localStorage.getItem("keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));

function nextToCheck() {
  const checks = rows().filter((row) => "check" in row.dataset);
  const here = checks.indexOf(document.activeElement.closest(".row"));
  return checks[(here + 1) % checks.length];
}

function betweenFieldAndWords() {
  const here = document.activeElement;
  const row = here.closest(".row[data-n]");
  if (row) goToWords(row.dataset.n);
  else if (here.matches(".ev")) goToRow(rowOf(here.dataset.n.split(" ")[0]));
}

const KEYS = {
  a: () => (tellChanges() ? save?.focus() : decide()),
  f: () => goToRow(rows().find((row) => "check" in row.dataset) ?? rows()[0]),
  ".": () => goToRow(nextToCheck()),
  e: betweenFieldAndWords,
  m: () => goToRow(form.querySelector(".row--modality")),
  j: () => document.querySelector("[data-key=j]")?.click(),
  r: () => document.querySelector("#open-reject:enabled")?.click(),
  "?": () => document.querySelector("#keys").showPopover(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat && event.target.closest("#record-form, body") && !event.target.closest("[popover]")) {
    event.preventDefault();
    return decide();
  }
  if (event.key === "Escape" && typing && form.contains(typing)) return document.querySelector("#item").focus();
  // A held key must not run through the queue: only its first press counts.
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
  if (event.target.closest("[popover]")) return;
  const go = /^[1-9]$/.test(event.key) ? () => goToRow(rowOf(event.key)) : KEYS[event.key.toLowerCase()];
  if (!go) return;
  event.preventDefault();
  go();
});

// R opens the reasons, which take the focus as they open (autofocus), so that a digit typed at once is theirs and picks
// one; Enter sends. The note takes digits as text.
rejection?.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=text]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const reason = /^[1-9]$/.test(event.key) && rejection.querySelectorAll("input[type=radio]")[event.key - 1];
  if (reason) {
    reason.checked = true;
    reason.focus();
  } else if (event.key === "Enter" && event.target.matches("input[type=radio]") && !event.repeat) {
    event.preventDefault();
    rejection.requestSubmit(rejection.querySelector("[name=decision]"));
  }
});

// At the start: the sentence in sight, the claim taken

const text = document.querySelector(".text-pane");
const said = document.querySelector("#said, .ev--trigger[href]");
if (said && !location.hash && !isNarrow.matches) {
  const top = said.getBoundingClientRect().top - text.getBoundingClientRect().top;
  if (top > text.clientHeight * 0.7) text.scrollTop = top - text.clientHeight / 3;
}
document.querySelector("#pane-text").addEventListener("change", () => show(said));
const fix = document.querySelector("#fix");
if (fix) {
  fix.hidden = false;
  fix.addEventListener("click", KEYS.f);
}
const restore = keepTyped(form, main.dataset.event, { isChanged: tellChanges, addRow });
const decided = new URLSearchParams(location.search).get("decided");
if (decided) forget(decided);
if (["mine", "free"].includes(main.dataset.hold) && !document.querySelector("#errors") && restore()) {
  document.querySelector("#notices").append(document.querySelector("#notice-kept").content.cloneNode(true));
}
document.querySelector(".row [aria-invalid=true]")?.focus();
tellChanges();
keepClaim(main, form);
