// The page on which somebody settles what two readers differ in.

import { watchChoices } from "./choices.js";
import { keepClaim } from "./claim.js";
import { sendOnce } from "./deciding.js";
import { show, wordsOf } from "./moving.js";

const root = document.querySelector("#work");
const form = root.querySelector("#record-form");
const { signal } = new AbortController();
const rowOf = (number) => form.querySelector(`[data-choice][data-n="${CSS.escape(number)}"]`);

form.addEventListener("focusin", ({ target }) => {
  const row = target.closest("[data-choice]");
  if (row) show(wordsOf(root, row.dataset.n));
});
root.addEventListener("click", (event) => {
  const words = event.target.closest(".text-pane .ev[href]");
  const row = words && rowOf(words.dataset.n.split(" ").find((number) => rowOf(number)) ?? "");
  if (!row) return;
  event.preventDefault();
  root.querySelector("#pane-record").checked = true;
  (row.querySelector("[name^=choose]:checked") ?? row.querySelector("[name^=choose]")).focus();
});
watchChoices(form, root.querySelector("#choices-left") ?? document.createElement("p"), root.querySelector("#save"));
if (root.querySelector("[data-left]")) keepClaim(root, signal);
sendOnce(root, signal);
