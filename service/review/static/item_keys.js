// The keys that work on an item.

import { commentOnField } from "./comments.js";
import { approve, save } from "./deciding.js";
import { bind, typingIn } from "./keys.js";
import { betweenFieldAndWords, goToFirstToCheck, goToNextToCheck, goToRow, rowOf } from "./moving.js";
import { addEvent, openWords } from "./pointing.js";

const isSave = ({ key, ctrlKey, metaKey, repeat, target }) =>
  key === "Enter" && (ctrlKey || metaKey) && !repeat && target.closest("#record-form, body") && !target.closest("[popover]");

export function listenToKeys(root, signal) {
  const press = (action) => () => root.querySelector(`[data-action=${action}]:enabled:not([hidden])`)?.click();
  bind({
    approve: (event) => approve(root, event),
    fix: () => goToFirstToCheck(root),
    reject: press("reject"),
    skip: press("skip"),
    snooze: press("snooze"),
    next_to_check: () => goToNextToCheck(root),
    words: () => betweenFieldAndWords(root),
    modality: () => goToRow(root, root.querySelector(".row--modality")),
    point: () => openWords(root),
    comment: () => commentOnField(root),
    add: () => addEvent(root),
    next: press("next"),
    previous: () => history.back(),
    field: ({ key }) => goToRow(root, rowOf(root, key)),
  }, signal);
  document.addEventListener("keydown", (event) => {
    if (isSave(event)) {
      event.preventDefault();
      save(root);
    } else if (event.key === "Escape" && typingIn(event.target)?.closest("#record-form")) root.querySelector("#item").focus();
  }, { signal });
}
