// The page of a refused decision: how many fields still wait for a choice, and the key that saves. Without this file the
// browser itself asks for the choices before it sends.

import { forget } from "./kept.js";

const main = document.querySelector("main[data-event]");
const form = main.querySelector("#merge-form");
const left = form.querySelector("#merge-left");
const save = form.querySelector("#merge-save");
const waiting = () => [...form.querySelectorAll("[data-choice]")].filter((row) => !row.querySelector("[name^=choose]:checked"));

function tell() {
  const rows = waiting();
  for (const row of form.querySelectorAll("[data-choice]")) row.classList.toggle("is-open", rows.includes(row));
  left.textContent = rows.length ? `${rows.length} ${rows.length === 1 ? "field still needs a choice" : "fields still need a choice"}` : "";
  save?.setAttribute("aria-disabled", rows.length > 0);
}

form.addEventListener("change", ({ target }) => {
  if (target.name.startsWith("choose:")) {
    const field = target.value === "other" && target.closest(".pick__other").querySelector(".pick__field :is(input:not([type=hidden]), select)");
    if (field) field.focus();
  }
  tell();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat || !save) return;
  event.preventDefault();
  form.requestSubmit(save);
});
for (const one of [form, document.querySelector("#keep-form")]) {
  one.addEventListener("submit", (event) => {
    if (one.dataset.sent) event.preventDefault();
    one.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => { delete form.dataset.sent; });
document.querySelector("#keep-form").addEventListener("submit", () => forget(main.dataset.event));
tell();
