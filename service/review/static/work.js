// The work page. All that belongs to one item is in one element, which can be exchanged for that of another item: what
// an item's parts listen to and wait for ends with its signal.
// Without scripts the page still works: the claim is taken by a button, rows are added and put back by the server.

import { keepAhead } from "./ahead.js";
import { tellChanges, watchChanges } from "./changes.js";
import { keepComments } from "./comments.js";
import { checkTyped } from "./checking.js";
import { keepClaim } from "./claim.js";
import { sendOnce } from "./deciding.js";
import { sendElsewhere } from "./elsewhere.js";
import { listenToKeys } from "./item_keys.js";
import { forget, keepTyped } from "./kept.js";
import { goToFirstToCheck, link } from "./moving.js";
import { pointAtWords } from "./pointing.js";
import { tabThroughChecks } from "./tabbing.js";
import { tellTimes } from "./times.js";

const PARTS = [link, sendElsewhere, watchChanges, sendOnce, offerFix, keepTyped, keepClaim, checkTyped, pointAtWords, keepComments, listenToKeys, tabThroughChecks];

function offerFix(root, signal) {
  const fix = root.querySelector("#fix");
  if (!fix) return;
  fix.hidden = false;
  fix.addEventListener("click", () => goToFirstToCheck(root), { signal });
}

/** Brings an item's element to life, until another one takes its place. */
function mount(root) {
  const life = new AbortController();
  const { signal } = life;
  root.addEventListener("held", () => keepAhead(root), { signal });
  root.addEventListener("done", ({ detail }) => exchange(root, life, detail), { signal });
  for (const part of PARTS) part(root, signal);
  tellChanges(root);
  root.querySelector(".row [aria-invalid=true]")?.focus();
}

/** Shows the next item in the place of one that was decided, as a page load would. */
function exchange(root, life, { next, told }) {
  life.abort();
  root.replaceWith(next.work);
  document.title = next.title;
  history.pushState(null, "", next.page);
  shownAt = next.page;
  scrollTo(0, 0);
  tellTimes(next.work);
  mount(next.work);
  document.querySelector("#status").innerHTML = told;
  next.work.querySelector("#item").focus({ preventScroll: true });
}

const addressHere = () => location.pathname + location.search;
let shownAt = addressHere();
addEventListener("popstate", () => {
  if (addressHere() !== shownAt) location.reload();
});

const decided = new URLSearchParams(location.search).get("decided");
if (decided) forget(decided);
mount(document.querySelector("#work"));
