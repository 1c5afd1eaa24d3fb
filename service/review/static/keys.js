// Single keys: which one does what is each person's own choice, and comes with the page. They are off while a field that
// takes letters has focus, and can be switched off for good.

import { post } from "./sending.js";

const root = document.documentElement;
const ACTION_OF = JSON.parse(document.querySelector("meta[name=keys]")?.content ?? "{}");
const TYPES = "input:not([type=radio], [type=checkbox]), select, textarea";
// Held down, it goes on with the next item. All others count once, so that nothing is thrown away by a slow finger.
const REPEATS = ["approve"];

const bound = new Set();

/** Lets these functions, named as their actions, be called by key until the signal ends that. */
export function bind(actions, signal) {
  bound.add(actions);
  signal?.addEventListener("abort", () => bound.delete(actions));
}

export const typingIn = (target) => target.closest(TYPES);

function actionOf(event) {
  if (typingIn(event.target) || event.ctrlKey || event.metaKey || event.altKey || root.dataset.keys === "off") return null;
  if (event.target.closest("[popover]")) return null;
  const name = /^[1-9]$/.test(event.key) ? "field" : ACTION_OF[event.key.toLowerCase()];
  if (event.repeat && !REPEATS.includes(name)) return null;
  return [...bound].findLast((actions) => name in actions)?.[name];
}

document.addEventListener("keydown", (event) => {
  const act = actionOf(event);
  if (!act) return;
  event.preventDefault();
  act(event);
});

const form = document.querySelector("[data-keys-switch]");
form?.addEventListener("change", ({ target }) => {
  root.dataset.keys = target.checked ? "on" : "off";
  post(form.action, new FormData(form)).catch(() => {}); // it holds for this page then, and can be set once more
});

bind({
  keys: () => document.querySelector("#keys").showPopover(),
  undo: () => (document.querySelector("#undo-form") ?? document.querySelector("#status form"))?.requestSubmit(),
  search: () => document.querySelector("#search")?.focus(),
});
