// Pointing at the words of a field: with the mouse, by selecting them, or without one, by typing them. Either opens the
// same box, which says whose words they are.

import { asSpan, isPointed, point, spansOf } from "./evidence.js";
import { Finder, line, selectedIn } from "./finder.js";
import { goToRow, rows } from "./moving.js";
import { ask } from "./sending.js";

const GAP = 8; // pixels between the selection and the box

/** Puts the box below what was selected, or above it where there is no room. */
function putBeside(box, { left, top, bottom }) {
  const below = bottom + GAP + box.offsetHeight < innerHeight;
  box.style.left = `${Math.max(GAP, Math.min(left, innerWidth - box.offsetWidth - GAP))}px`;
  box.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - box.offsetHeight)}px`;
}

function optionOf(row) {
  const role = row.querySelector(".row__label select")?.selectedOptions[0].text;
  return new Option(`${row.dataset.n} ${role ?? row.querySelector(".row__label").textContent.trim()}`, row.dataset.path);
}

/** A field without a value takes the words as its value, where it is one of words. */
function fillIfEmpty(row, words) {
  const control = row.querySelector('[name="date/text"], [name$="/name"]')
    ?? row.querySelector(".row__control input[type=text]:not(.country)");
  if (!control || control.value.trim()) return;
  if (!control.matches(".count") || /^\d+$/.test(words)) control.value = words;
}

class Box {
  constructor(root, signal) {
    this.root = root;
    this.box = root.querySelector("#words");
    this.field = root.querySelector("#words-field");
    this.finder = new Finder(this.box, root.querySelector("#text"), signal);
    this.row = null; // the field that was in focus last
  }

  get isOpen() {
    return this.box.matches(":popover-open");
  }

  get chosenRow() {
    return rows(this.root).find((row) => row.dataset.path === this.field.value);
  }

  /** For what was selected. The focus stays in the text, so that the selection can be made longer. */
  openFor(selected) {
    this.open();
    this.finder.set(selected);
    this.box.classList.add("is-beside");
    putBeside(this.box, selected.range.getBoundingClientRect());
  }

  openEmpty() {
    this.open();
    this.box.classList.remove("is-beside");
    this.box.style.left = this.box.style.top = "";
    this.finder.clear();
    this.finder.input.focus();
  }

  open() {
    this.field.replaceChildren(...rows(this.root).map(optionOf));
    this.field.value = this.row?.isConnected ? this.row.dataset.path : this.field.options[0].value;
    this.tellButtons();
    if (!this.isOpen) this.box.showPopover();
  }

  close() {
    this.finder.darken();
    if (this.isOpen) this.box.hidePopover();
  }

  leave() {
    this.close();
    goToRow(this.root, this.row ?? rows(this.root)[0]);
  }

  tellButtons() {
    const has = spansOf(this.chosenRow).length > 0;
    this.box.querySelector("[data-act=replace]").textContent = has ? "Replace its words" : "Take these words";
    this.box.querySelector("[data-act=add]").hidden = !has;
  }

  act(how) {
    const { place, words, text } = this.finder;
    if (!place) return;
    const row = this.chosenRow;
    point(row, [...(how === "add" ? spansOf(row) : []), asSpan(place)], text);
    fillIfEmpty(row, line(words));
    this.close();
    getSelection().removeAllRanges();
    this.tell(`Words of ${this.field.selectedOptions[0].text}: ${line(words)}`);
    goToRow(this.root, row);
  }

  tell(said) {
    const form = this.root.querySelector("#record-form");
    form.dispatchEvent(new Event("input", { bubbles: true }));
    form.dispatchEvent(new Event("pointed"));
    this.root.querySelector("#said-aside").textContent = said;
  }
}

/** Draws the text anew, with the words that the form has. The server cuts it, so that overlapping words stay whole. */
function keepMarked(root, signal) {
  const form = root.querySelector("#record-form");
  const text = root.querySelector("#text");
  let asked = new AbortController();

  async function mark() {
    asked.abort();
    asked = new AbortController();
    const drawn = await ask(root.querySelector("main").dataset.marked, new FormData(form), AbortSignal.any([asked.signal, signal]));
    if (drawn === null) return; // the words are in the form, and are saved with it
    const inFocus = document.activeElement.closest("#text .ev")?.dataset.n;
    text.innerHTML = drawn;
    if (inFocus) text.querySelector(`.ev[data-n="${inFocus}"]`)?.focus({ preventScroll: true });
  }

  form.addEventListener("pointed", mark, { signal });
  if (rows(root).some(isPointed)) mark();
}

/** A browser begins no selection on a link: while the pointer is down, words that lead to their field are none. */
export function letLinksBeSelected(pane, signal) {
  pane.addEventListener("pointerdown", ({ target }) => {
    const link = target.closest(".ev[href]");
    if (!link) return;
    const href = link.getAttribute("href");
    const restore = () => link.setAttribute("href", href);
    link.removeAttribute("href");
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, restore, { once: true, capture: true });
  }, { signal });
}

function listenToSelecting(box, root, signal) {
  const pane = root.querySelector(".text-pane");
  const { text } = box.finder;
  letLinksBeSelected(pane, signal);
  // When the gesture has ended, not while the words are being selected.
  for (const end of ["pointerup", "keyup", "touchend"]) {
    pane.addEventListener(end, () => setTimeout(() => {
      const selected = signal.aborted ? null : selectedIn(text);
      if (selected) box.openFor(selected);
    }), { signal });
  }
  document.addEventListener("selectionchange", () => {
    if (getSelection().isCollapsed && box.isOpen && !box.box.contains(document.activeElement)) box.close();
  }, { signal });
  // A click that ends a selection is none on the words below it.
  pane.addEventListener("click", (event) => {
    if (!selectedIn(text)) return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal, capture: true });
}

/** Opens the box, for the field in focus: with what is selected, or for words that are typed. */
export function openWords(root) {
  root.dispatchEvent(new Event("words"));
}

/** The same, for words that report an event of their own. */
export function addEvent(root) {
  openWords(root);
  if (!getSelection().isCollapsed) root.querySelector("#event-action")?.focus();
}

export function pointAtWords(root, signal) {
  if (!root.querySelector("#words")) return;
  const box = new Box(root, signal);
  root.querySelector("#record-form").addEventListener("focusin", ({ target }) => {
    box.row = target.closest(".row[data-n]") ?? box.row;
  }, { signal });
  root.addEventListener("words", () => {
    const selected = selectedIn(box.finder.text);
    if (selected) box.openFor(selected);
    else box.openEmpty();
  }, { signal });
  box.field.addEventListener("change", () => box.tellButtons(), { signal });
  box.box.addEventListener("click", ({ target }) => {
    const { act } = target.closest("button")?.dataset ?? {};
    if (act === "close") box.leave();
    else if (act) box.act(act);
  }, { signal });
  box.box.addEventListener("keydown", (event) => {
    const isFind = event.target === box.finder.input && event.key === "Enter";
    if (!isFind && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (isFind) box.act("replace");
    else box.leave();
  }, { signal });
  box.box.querySelector("form").addEventListener("formdata", ({ formData }) => {
    if (box.finder.place) formData.set("place", asSpan(box.finder.place));
  }, { signal });
  listenToSelecting(box, root, signal);
  keepMarked(root, signal);
  signal.addEventListener("abort", () => box.close());
}
