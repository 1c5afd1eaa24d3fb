// The work page. All that belongs to one item is in one element, which can be exchanged for that of another item: what
// an item's parts listen to and wait for ends with its signal.
// Without scripts the page still works: the claim is taken by a button, rows are added and put back by the server.

import { tellChanges, watchChanges } from "./changes.js";
import { keepComments } from "./comments.js";
import { checkTyped } from "./checking.js";
import { keepClaim } from "./claim.js";
import { sendOnce } from "./deciding.js";
import { forget, keepTyped } from "./kept.js";
import { listenToKeys } from "./keys.js";
import { goToFirstToCheck, link } from "./moving.js";
import { pointAtWords } from "./pointing.js";

const PARTS = [link, watchChanges, sendOnce, offerFix, keepTyped, keepClaim, checkTyped, pointAtWords, keepComments, listenToKeys];

function offerFix(root, signal) {
  const fix = root.querySelector("#fix");
  if (!fix) return;
  fix.hidden = false;
  fix.addEventListener("click", () => goToFirstToCheck(root), { signal });
}

/** Brings an item's element to life; what is returned ends it. */
export function mount(root) {
  const life = new AbortController();
  for (const part of PARTS) part(root, life.signal);
  tellChanges(root);
  root.querySelector(".row [aria-invalid=true]")?.focus();
  return () => life.abort();
}

const decided = new URLSearchParams(location.search).get("decided");
if (decided) forget(decided);
mount(document.querySelector("#work"));
