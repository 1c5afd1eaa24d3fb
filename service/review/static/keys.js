// Keys. Single ones are off while a field that takes letters has focus, and can be switched off for good.

import { commentOnField } from "./comments.js";
import { approve, save } from "./deciding.js";
import { betweenFieldAndWords, goToFirstToCheck, goToNextToCheck, goToRow, rowOf } from "./moving.js";
import { addEvent, openWords } from "./pointing.js";

const KEYS = {
  a: approve,
  f: goToFirstToCheck,
  ".": goToNextToCheck,
  e: betweenFieldAndWords,
  c: commentOnField,
  n: addEvent,
  w: openWords,
  m: (root) => goToRow(root, root.querySelector(".row--modality")),
  j: (root) => root.querySelector("[data-key=j]")?.click(),
  k: () => history.back(),
  r: (root) => root.querySelector("#open-reject:enabled")?.click(),
  s: (root) => root.querySelector("#open-skip:not([hidden])")?.click(),
  u: (root) => root.querySelector("#undo-form")?.requestSubmit(),
  z: (root) => root.querySelector("#open-snooze:not([hidden])")?.click(),
  "/": () => document.querySelector("#search")?.focus(),
  "?": () => document.querySelector("#keys").showPopover(),
};

const switched = document.querySelector("#keys-on");
switched.checked = localStorage.getItem("keys") !== "off";
switched.addEventListener("change", () => localStorage.setItem("keys", switched.checked ? "on" : "off"));

const isSave = ({ key, ctrlKey, metaKey, repeat, target }) =>
  key === "Enter" && (ctrlKey || metaKey) && !repeat && target.closest("#record-form, body") && !target.closest("[popover]");

// Held down, it goes on with the next item. All others count once, so that nothing is thrown away by a slow finger.
const REPEATS = ["a"];

export function listenToKeys(root, signal) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea");
    if (isSave(event)) {
      event.preventDefault();
      return save(root);
    }
    if (event.key === "Escape" && typing?.closest("#record-form")) return root.querySelector("#item").focus();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !switched.checked) return;
    const key = event.key.toLowerCase();
    if (event.target.closest("[popover]") || (event.repeat && !REPEATS.includes(key))) return;
    const go = /^[1-9]$/.test(event.key) ? () => goToRow(root, rowOf(root, event.key)) : KEYS[key];
    if (!go) return;
    event.preventDefault();
    go(root, event);
  }, { signal });
}
