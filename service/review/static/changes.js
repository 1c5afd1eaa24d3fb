// Changes in an item's form: what a control has now against what the record has.

import { isPointed, unpoint } from "./evidence.js";
import { fieldOf, goToRow, rows } from "./moving.js";

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
  if (!isPointed(row)) return;
  unpoint(row);
  row.dispatchEvent(new Event("pointed", { bubbles: true }));
}

const isBlank = (row) => ![...row.querySelectorAll(".row__control input:not([type=hidden])")].some((input) => input.value.trim());
const isRemoved = (row) => Boolean(row.querySelector("[name=remove]:checked"));

function hasOtherValue(row) {
  return isRemoved(row) || [...row.querySelectorAll("[data-draft]")].some((control) => {
    const [now, draft] = valueOf(control);
    return now !== draft;
  });
}

const isChanged = (row) => ("new" in row.dataset ? !isBlank(row) : hasOtherValue(row) || isPointed(row));

/** Shows what is changed, in the rows and on the save button; returns how many fields are. */
export function tellChanges(root) {
  let fixes = 0;
  for (const row of rows(root)) {
    const changed = isChanged(row);
    fixes += changed;
    row.classList.toggle("row--changed", changed);
    const was = row.querySelector(".row__was");
    if (!was) continue;
    was.hidden = !changed;
    was.querySelector("[data-was]").hidden = !hasOtherValue(row);
  }
  const save = root.querySelector("#save");
  if (!save) return fixes;
  save.querySelector("[data-label]").textContent = fixes ? `Save ${fixes} ${fixes === 1 ? "fix" : "fixes"}` : "Approve";
  save.querySelector("[data-when-same]").hidden = fixes;
  save.querySelector("[data-when-changed]").hidden = !fixes;
  return fixes;
}

function renumber(row, n) {
  const old = row.dataset.n ?? "0";
  row.dataset.n = n;
  row.id = `f-${n}`;
  row.setAttribute("aria-labelledby", `l-${n}`);
  row.querySelector(`#l-${old}`).id = `l-${n}`;
  for (const reference of row.querySelectorAll(".ref")) reference.textContent = n;
  const link = row.querySelector("a.ref");
  link.href = `#e-${n}`;
  link.setAttribute("aria-label", link.getAttribute("aria-label").replace(/\d+/, n));
  const removal = row.querySelector(".remove .vh");
  removal.textContent = removal.textContent.replace(/\d+$/, n);
}

/** Rows that are new have the numbers after all others, in their order, as the server gives them. */
function renumberNew(root) {
  const added = rows(root).filter((row) => "new" in row.dataset);
  const first = rows(root).length - added.length + 1;
  for (const [place, row] of added.entries()) renumber(row, first + place);
  if (added.some(isPointed)) root.querySelector("#record-form").dispatchEvent(new Event("pointed"));
}

export function addRow(root, group) {
  const list = group.dataset.list;
  const taken = [...group.querySelectorAll(".row[data-path]")].map((row) => Number(row.dataset.path.split("/")[1]));
  const number = Math.max(-1, ...taken) + 1;
  const row = group.querySelector("template").content.firstElementChild.cloneNode(true);
  const numbered = (text) => text.replace(`${list}/0`, `${list}/${number}`).replace(`${list}-0`, `${list}-${number}`);
  for (const node of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "name", "value", "for", "data-path"]) {
      if (node.hasAttribute(name)) node.setAttribute(name, numbered(node.getAttribute(name)));
    }
  }
  row.dataset.new = "";
  renumber(row, 0);
  group.querySelector(".group__add").before(row);
  renumberNew(root);
  return row;
}

export function watchChanges(root, signal) {
  const form = root.querySelector("#record-form");
  form.addEventListener("input", () => tellChanges(root), { signal });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.name === "put_back") {
      event.preventDefault();
      const row = button.closest(".row");
      putBack(row);
      form.dispatchEvent(new Event("input"));
      fieldOf(row)?.focus();
    } else if (button?.name === "add") {
      event.preventDefault();
      goToRow(root, addRow(root, button.closest(".group")));
    }
  }, { signal });
  form.addEventListener("change", ({ target }) => {
    const row = target.closest(".row[data-new]");
    if (target.name === "remove" && row) {
      row.remove();
      renumberNew(root);
    }
    form.dispatchEvent(new Event("input"));
  }, { signal });
}
