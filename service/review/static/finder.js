// Finds typed words in a text: the place nearest to where one looks, and from there the others, one after another. What it
// has found is lit in the text and told in words.

import { show } from "./moving.js";
import { occurrences, rangeOf, spanOf } from "./places.js";

const AROUND = 40; // letters told on both sides

export const line = (text) => text.replace(/\s+/g, " ").trim();

/** What is selected in a text: the range, and its place there; null when nothing is. */
export function selectedIn(text) {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const place = spanOf(range, text);
  return place && { range, place };
}

function paragraphAt(range) {
  const paragraph = range.startContainer.parentElement.closest("[data-start]");
  return [[...paragraph.textContent], Number(paragraph.dataset.start)];
}

export class Finder {
  constructor(box, text, signal) {
    this.box = box;
    this.text = text;
    this.input = box.querySelector("[data-find]");
    this.places = [];
    this.at = 0;
    this.input.addEventListener("input", () => this.search(), { signal });
    this.input.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.step(by);
    }, { signal });
    for (const button of box.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset.step)), { signal });
    }
    signal.addEventListener("abort", () => this.darken());
  }

  get place() {
    return this.places[this.at];
  }

  get range() {
    return this.place && rangeOf(this.place, this.text);
  }

  get words() {
    return this.range?.toString() ?? "";
  }

  set({ range, place }) {
    this.places = [place];
    this.at = 0;
    this.input.value = line(range.toString());
    this.tell();
  }

  clear() {
    this.input.value = "";
    this.search();
  }

  darken() {
    CSS.highlights?.delete("found");
  }

  search() {
    const near = this.whereOneLooks();
    this.places = occurrences(this.input.value, this.text);
    const far = this.places.map(({ start }) => Math.abs(start - near));
    this.at = Math.max(0, far.indexOf(Math.min(...far)));
    this.tell();
    this.showPlace();
  }

  /** The words that report the event; the start of the text where there are none. */
  whereOneLooks() {
    const trigger = this.text.querySelector(".ev--trigger");
    const range = document.createRange();
    if (trigger) range.selectNodeContents(trigger);
    return trigger ? spanOf(range, this.text).start : 0;
  }

  step(by) {
    if (!this.places.length) return;
    this.at = (this.at + by + this.places.length) % this.places.length;
    this.tell();
    this.showPlace();
  }

  showPlace() {
    show(this.range?.startContainer.parentElement);
  }

  tell() {
    const { range } = this;
    this.box.querySelector("[data-found]").textContent = this.inWords(range);
    for (const button of this.box.querySelectorAll("[data-needs-place]")) button.disabled = !range;
    for (const button of this.box.querySelectorAll("[data-step]")) button.hidden = this.places.length < 2;
    if (range) CSS.highlights?.set("found", new Highlight(range));
    else this.darken();
  }

  inWords(range) {
    if (!this.input.value.trim()) return "Type words as they stand in the text.";
    if (!range) return "These words are not in the text that is shown.";
    const [letters, begins] = paragraphAt(range);
    const { start, end } = this.place;
    const before = letters.slice(Math.max(0, start - begins - AROUND), start - begins).join("");
    const after = letters.slice(end - begins, end - begins + AROUND).join("");
    const count = this.places.length > 1 ? `${this.at + 1} of ${this.places.length}: ` : "";
    return `${count}…${line(`${before}[${range}]${after}`)}…`;
  }
}
