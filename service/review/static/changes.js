// Changes in an item's form: what a control has now against what the record has.

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

/** Shows what is changed, in the rows and on the save button; returns how many fields are. */
export function tellChanges(root) {
  let fixes = 0;
  for (const row of rows(root)) {
    const changed = isChanged(row);
    fixes += changed;
    row.classList.toggle("row--changed", changed);
    const was = row.querySelector(".row__was");
    if (was) was.hidden = !changed;
  }
  const save = root.querySelector("#save");
  if (!save) return fixes;
  save.querySelector("[data-label]").textContent = fixes ? `Save ${fixes} ${fixes === 1 ? "fix" : "fixes"}` : "Approve";
  save.querySelector("kbd").textContent = fixes ? "Ctrl ↵" : "A";
  return fixes;
}

export function addRow(root, group) {
  const list = group.dataset.list;
  const taken = [...group.querySelectorAll(".row[data-path]")].map((row) => Number(row.dataset.path.split("/")[1]));
  const number = Math.max(-1, ...taken) + 1;
  const row = group.querySelector("template").content.firstElementChild.cloneNode(true);
  const n = Math.max(0, ...rows(root).map((one) => Number(one.dataset.n))) + 1;
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

export function watchChanges(root, signal) {
  const form = root.querySelector("#record-form");
  form.addEventListener("input", () => tellChanges(root), { signal });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.name === "put_back") {
      event.preventDefault();
      const row = button.closest(".row");
      putBack(row);
      tellChanges(root);
      fieldOf(row)?.focus();
    } else if (button?.name === "add") {
      event.preventDefault();
      goToRow(root, addRow(root, button.closest(".group")));
    }
  }, { signal });
  form.addEventListener("change", ({ target }) => {
    const row = target.closest(".row[data-new]");
    if (target.name === "remove" && row) row.remove();
    tellChanges(root);
  }, { signal });
}
