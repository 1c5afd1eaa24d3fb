// The claim on an item: taken when its page opens, renewed while somebody works on it, its time left told.

import { isQuiet, quiet, tell } from "./notices.js";
import { post } from "./sending.js";

const SECOND = 1000;
const RING = 37.7; // the ring's circumference, in units of its drawing
const LOW = 60;

function every(milliseconds, act, signal) {
  const timer = setInterval(act, milliseconds);
  signal.addEventListener("abort", () => clearInterval(timer));
}

export function keepClaim(root, signal) {
  const main = root.querySelector("main");
  const fields = root.querySelector("#fields");
  const left = root.querySelector("[data-left]");
  const lease = left?.closest(".lease");
  const total = Number(main.dataset.leaseSeconds);
  let until = Date.now() + Number(main.dataset.seconds) * SECOND;
  let isActive = false;
  let isAsking = false;

  const isMine = () => main.dataset.hold === "mine";

  function held({ lease: number, seconds }) {
    const had = isMine();
    main.dataset.hold = "mine";
    until = Date.now() + seconds * SECOND;
    for (const input of root.querySelectorAll("input[data-lease]")) input.value = number;
    quiet(root, "low", "away");
    if (!had) open(true);
    tick();
    root.dispatchEvent(new Event("held"));
  }

  function open(isOpen) {
    fields.disabled = !isOpen;
    for (const node of root.querySelectorAll("[data-when=mine]")) node.hidden = !isOpen;
    for (const node of root.querySelectorAll("[data-when=free]")) node.hidden = isOpen;
    for (const node of root.querySelectorAll("[data-here]")) node.textContent = isOpen ? "held by you" : "not yours";
    for (const button of root.querySelectorAll("#save, #open-reject, #fix")) button.disabled = !isOpen;
    for (const button of root.querySelectorAll("[data-send]")) button.disabled = !isOpen;
  }

  const keep = () => ask(main.dataset.keep, { lease: root.querySelector("input[data-lease]").value });

  async function ask(address, sent) {
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await post(address, sent, { signal });
      if (answer.ok) held(await answer.json());
      else await lost(answer);
    } catch {
      if (!signal.aborted) tell(root, "away");
    } finally {
      isAsking = false;
    }
  }

  async function lost(answer) {
    if (answer.status >= 500) return tell(root, "away");
    const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    main.dataset.hold = "lost";
    open(false);
    for (const node of root.querySelectorAll("[data-when=free]")) node.hidden = false;
    tell(root, "lost", told.title ?? "This item is no longer yours", told.detail ?? "Load the page again.");
  }

  function tick() {
    const seconds = Math.max(0, Math.round((until - Date.now()) / SECOND));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    lease.querySelector(".ring__left").setAttribute("stroke-dasharray", `${(RING * Math.min(1, seconds / total)).toFixed(1)} ${RING}`);
    lease.classList.toggle("lease--low", seconds <= LOW);
    if (main.dataset.hold === "other" && seconds === 0 && isQuiet(root)) tell(root, "free");
    if (!isMine()) return;
    // Not at once: a pointer in motion must not mean a request a second.
    if (isActive && seconds < total * 0.75) {
      isActive = false;
      keep();
    } else if (seconds <= LOW && seconds > 0 && isQuiet(root)) tell(root, "low");
  }

  if (main.dataset.hold === "other") every(SECOND, tick, signal);
  if (!["mine", "free"].includes(main.dataset.hold)) return;
  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll", "input"]) {
    addEventListener(sign, () => { isActive = true; }, { capture: true, passive: true, signal });
  }
  if (isMine()) keep();
  else ask(main.dataset.claim, {});
  every(SECOND, tick, signal);
}
