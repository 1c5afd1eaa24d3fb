// The claim on an item: taken when its page opens, renewed while somebody works on it, its time left told.

const SECOND = 1000;
const RING = 37.7; // the ring's circumference, in units of its drawing
const LOW = 60;

const csrf = document.querySelector("meta[name=csrf-token]")?.content;

async function post(address, fields) {
  return fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": csrf },
    body: new URLSearchParams(fields),
  });
}

function every(milliseconds, act, signal) {
  const timer = setInterval(act, milliseconds);
  signal.addEventListener("abort", () => clearInterval(timer));
}

export function keepClaim(root, signal) {
  const main = root.querySelector("main");
  const fields = root.querySelector("#fields");
  const notices = root.querySelector("#notices");
  const left = root.querySelector("[data-left]");
  const lease = left?.closest(".lease");
  const total = Number(main.dataset.leaseSeconds);
  let until = Date.now() + Number(main.dataset.seconds) * SECOND;
  let isActive = false;
  let isAsking = false;

  const isMine = () => main.dataset.hold === "mine";

  function tell(name, title, detail) {
    const notice = root.querySelector(`#notice-${name}`).content.cloneNode(true);
    if (title) notice.querySelector("[data-title]").textContent = title;
    if (detail) notice.querySelector("[data-detail]").textContent = detail;
    notices.replaceChildren(notice);
    notices.dataset.tells = name;
  }

  function quiet(...names) {
    if (names.includes(notices.dataset.tells)) notices.replaceChildren();
  }

  function held({ lease: number, seconds }) {
    const had = isMine();
    main.dataset.hold = "mine";
    until = Date.now() + seconds * SECOND;
    for (const input of root.querySelectorAll("input[data-lease]")) input.value = number;
    quiet("low", "away");
    if (!had) open(true);
    tick();
  }

  function open(isOpen) {
    fields.disabled = !isOpen;
    for (const node of root.querySelectorAll("[data-when=mine]")) node.hidden = !isOpen;
    for (const node of root.querySelectorAll("[data-when=free]")) node.hidden = isOpen;
    for (const node of root.querySelectorAll("[data-here]")) node.textContent = isOpen ? "held by you" : "not yours";
    for (const button of root.querySelectorAll("#save, #open-reject, #fix")) button.disabled = !isOpen;
    root.querySelector("#reject [name=decision]").disabled = !isOpen;
  }

  async function ask(address, sent) {
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await post(address, sent);
      if (answer.ok) held(await answer.json());
      else await lost(answer);
    } catch {
      tell("away");
    } finally {
      isAsking = false;
    }
  }

  async function lost(answer) {
    if (answer.status >= 500) return tell("away");
    const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    main.dataset.hold = "lost";
    open(false);
    for (const node of root.querySelectorAll("[data-when=free]")) node.hidden = false;
    tell("lost", told.title ?? "This item is no longer yours", told.detail ?? "Load the page again.");
  }

  function tick() {
    const seconds = Math.max(0, Math.round((until - Date.now()) / SECOND));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    lease.querySelector(".ring__left").setAttribute("stroke-dasharray", `${(RING * Math.min(1, seconds / total)).toFixed(1)} ${RING}`);
    lease.classList.toggle("lease--low", seconds <= LOW);
    if (main.dataset.hold === "other" && seconds === 0 && !notices.firstElementChild) tell("free");
    if (!isMine()) return;
    // Not at once: a pointer in motion must not mean a request a second.
    if (isActive && seconds < total * 0.75) {
      isActive = false;
      ask(main.dataset.keep, { lease: root.querySelector("input[data-lease]").value });
    } else if (seconds <= LOW && seconds > 0 && !notices.firstElementChild) tell("low");
  }

  if (main.dataset.hold === "other") every(SECOND, tick, signal);
  if (!["mine", "free"].includes(main.dataset.hold)) return;
  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll", "input"]) {
    addEventListener(sign, () => { isActive = true; }, { capture: true, passive: true, signal });
  }
  if (main.dataset.hold === "free") ask(main.dataset.claim, {});
  every(SECOND, tick, signal);
}
