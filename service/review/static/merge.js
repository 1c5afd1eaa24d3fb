// The page of a refused decision: it is sent once, and what was typed is forgotten when it is given up.

import { watchChoices } from "./choices.js";
import { forget } from "./kept.js";

const main = document.querySelector("main[data-event]");
const form = main.querySelector("#merge-form");
for (const one of [form, document.querySelector("#keep-form")]) {
  one.addEventListener("submit", (event) => {
    if (one.dataset.sent) event.preventDefault();
    one.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => { delete form.dataset.sent; });
document.querySelector("#keep-form").addEventListener("submit", () => forget(main.dataset.event));
watchChoices(form, form.querySelector("#merge-left"), form.querySelector("#merge-save"));
