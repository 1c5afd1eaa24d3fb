// Deciding on an item: once, even when a key is held down or a button pressed twice, and only on what was seen.

import { giveBack, ready, take } from "./ahead.js";
import { tellChanges } from "./changes.js";
import { forget } from "./kept.js";
import { tell } from "./notices.js";
import { post } from "./sending.js";

const SENT = "sent";
const FAILED = "failed";
const PLAIN = "plain"; // goes by a page load

function sendPlainly(form, button) {
  form.dataset.sending = PLAIN;
  setTimeout(() => form.requestSubmit(button)); // not while the form's submit event is still being told
}

async function answerTo(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  fields.set("then", "stay");
  try {
    return await post(form.action, fields);
  } catch {
    return { status: 503 }; // no answer at all
  }
}

/** Sends a form that ends the work on the item, and shows the next one. A refusal is the server's page to show: the
 * form goes again, by a page load, and is refused there again, with all that was typed.
 */
async function send(root, form, button) {
  const next = await ready();
  if (!next) return sendPlainly(form, button);
  const answer = await answerTo(form, button);
  if (answer.status >= 500) {
    form.dataset.sending = FAILED;
    return tell(root, "unsent");
  }
  if (!answer.ok || answer.redirected) return sendPlainly(form, button);
  forget(root.querySelector("main").dataset.event);
  take();
  root.dispatchEvent(new CustomEvent("done", { detail: { next, told: await answer.text() } }));
}

async function leave(form, button) {
  await giveBack();
  sendPlainly(form, button);
}

function onSubmit(form, act, signal) {
  form.addEventListener("submit", (event) => {
    const { sending } = form.dataset;
    form.dataset.sending = SENT;
    if (sending === PLAIN) return;
    event.preventDefault();
    if (sending !== SENT) act(event.submitter);
  }, { signal });
}

const painted = new WeakSet();

/** Notes when the item has been seen: the frame after the one that draws it. */
function notePainting(root) {
  requestAnimationFrame(() => setTimeout(() => painted.add(root)));
}

/** Saves by key. A held key decides on each item that it finds, but only once, and not before it is on the screen. */
export function save(root, { repeat = false } = {}) {
  const button = root.querySelector("#save");
  const form = root.querySelector("#record-form");
  if (!button || button.disabled) return;
  if (!repeat || (painted.has(root) && !form.dataset.sending)) form.requestSubmit(button);
}

/** Approves as drafted; with changes, goes to the button that saves them. */
export function approve(root, event) {
  if (tellChanges(root)) root.querySelector("#save")?.focus();
  else save(root, event);
}

// The choices of a popover take the focus as they open (autofocus), so that a digit typed at once is theirs and picks
// one; Enter sends. Its other fields take digits as text.
function pickByDigit(form, signal) {
  form.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=radio])") || event.ctrlKey || event.metaKey || event.altKey) return;
    const reason = /^[1-9]$/.test(event.key) && form.querySelectorAll("input[type=radio]")[event.key - 1];
    if (reason) {
      reason.checked = true;
      reason.focus();
    } else if (event.key === "Enter" && event.target.matches("input[type=radio]") && !event.repeat) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-send]"));
    }
  }, { signal });
}

export function sendOnce(root, signal) {
  const forms = root.querySelectorAll("form[data-ends]");
  for (const form of forms) onSubmit(form, (button) => send(root, form, button), signal);
  for (const form of root.querySelectorAll("form[data-leaves]")) onSubmit(form, (button) => leave(form, button), signal);
  addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
  }, { signal });
  notePainting(root);
  for (const form of root.querySelectorAll("#reject, #snooze")) pickByDigit(form, signal);
}
