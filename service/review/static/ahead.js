// The item that comes next: claimed and fetched while its reader is still at work on another one, so that a decision
// shows it at once. When the page goes before it was shown, it is given back.

import { post } from "./sending.js";

let ahead = null; // { claim, item }: the claim once there is one, and the promise of the item, of null if none waits

async function load(root, mine) {
  const { next } = root.querySelector("main").dataset;
  const answer = await post(next, { lease: root.querySelector("input[data-lease]").value });
  if (answer.status !== 200) return null;
  mine.claim = await answer.json();
  const shown = await fetch(mine.claim.page);
  if (!shown.ok || shown.redirected) return null;
  const page = new DOMParser().parseFromString(await shown.text(), "text/html");
  return { ...mine.claim, work: page.querySelector("#work"), title: page.title };
}

function ask(root) {
  const mine = { claim: null };
  ahead = mine;
  // Without an answer there is no next item here: the decision goes by a page load, and the server hands one out.
  mine.item = load(root, mine).catch(() => null).then((item) => {
    if (!item && ahead === mine) giveBackAtOnce();
    return item;
  });
}

async function renew({ keep, lease }) {
  const { status } = await post(keep, { lease });
  if (status === 409 && ahead?.claim?.lease === lease) ahead = null;
}

/** Sees to it that an item is there and held, as often as the claim on the one that is read is renewed. */
export function keepAhead(root) {
  if (!ahead) ask(root);
  else if (ahead.claim) renew(ahead.claim).catch(() => {}); // the next renewal tells, if the server is still away
}

/** The next item, as soon as it is there; null when there is none. */
export const ready = () => ahead?.item ?? null;

/** It is shown now, and no longer kept here. */
export function take() {
  ahead = null;
}

/** Gives the item back, and waits until that is done. */
export async function giveBack() {
  const item = await ready();
  ahead = null;
  if (item) await post(item.leave, { lease: item.lease, then: "stay" });
}

function giveBackAtOnce() {
  const claim = ahead?.claim;
  ahead = null;
  // Nobody is left to hear of a failure; the claim runs out by itself then.
  if (claim) post(claim.leave, { lease: claim.lease, then: "stay" }, { keepalive: true }).catch(() => {});
}

// Before the next page is asked for, so that it shows the item as free; the other where that is not told.
addEventListener("beforeunload", giveBackAtOnce);
addEventListener("pagehide", giveBackAtOnce);
