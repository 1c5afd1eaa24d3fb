// Words that somebody pointed at for a field: in its row, as "start-end" in code points of the document's text. They take
// the place of all words that the record has for the field.

import { rangeOf } from "./places.js";

const NAME = "evidence:";
const shown = (row) => row.querySelector(".row__words");
const inputs = (row) => [...row.querySelectorAll(`input[name^="${NAME}"]`)];
const own = (row) => row.dataset.words.split(" ").filter(Boolean);

export const isPointed = (row) => inputs(row).length > 0;
export const spansOf = (row) => (isPointed(row) ? inputs(row).map((input) => input.value) : own(row));
export const pathOf = (name) => (name.startsWith(NAME) ? name.slice(NAME.length) : "");
export const asSpan = ({ start, end }) => `${start}-${end}`;

function tellReference(row) {
  const isBacked = spansOf(row).length > 0;
  const link = row.querySelector("a.ref");
  link.hidden = !isBacked;
  link.title = isPointed(row) ? "Pointed at by you" : link.title;
  row.querySelector(".ref--none").hidden = isBacked;
}

export function unpoint(row) {
  for (const input of inputs(row)) input.remove();
  shown(row).hidden = true;
  tellReference(row);
}

/** The words at these spans are the field's from now on. Those that the record has for it are no change. */
export function point(row, spans, text) {
  unpoint(row);
  const unique = [...new Set(spans)];
  const had = own(row);
  if (unique.length === had.length && unique.every((span) => had.includes(span))) return;
  const quotes = shown(row).querySelector("[data-quotes]");
  quotes.replaceChildren();
  for (const span of unique) {
    shown(row).append(Object.assign(document.createElement("input"), { type: "hidden", name: NAME + row.dataset.path, value: span }));
    const quote = Object.assign(document.createElement("q"), { dir: "auto", textContent: wordsAt(span, text) });
    quotes.append(quote, " ");
  }
  shown(row).hidden = false;
  tellReference(row);
}

/** The words at a span, where they are on the page: of a long text, only a part is. */
function wordsAt(span, text) {
  const [start, end] = span.split("-").map(Number);
  return rangeOf({ start, end }, text)?.toString() ?? "words that are not on this page";
}
