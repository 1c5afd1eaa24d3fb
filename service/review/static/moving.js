// Moving about in an item: from a field to its words and back, on a narrow screen from one view to the other.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const isNarrow = matchMedia("(max-width: 71.99rem)");

export const show = (node) => node?.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
export const rows = (root) => [...root.querySelectorAll(".row[data-n]")];
export const rowOf = (root, number) => root.querySelector(`.row[data-n="${CSS.escape(number)}"]`);
export const wordsOf = (root, number) => root.querySelector(`.text-pane .ev[data-n~="${CSS.escape(number)}"]`);
export const fieldOf = (row) =>
  row.querySelector("input[type=radio]:checked") ?? row.querySelector(".row__control :is(input:not([type=hidden]), select)");
const pane = (root, name) => { root.querySelector(`#pane-${name}`).checked = true; };

export function goToRow(root, row) {
  if (!row) return;
  pane(root, "record");
  show(row);
  const field = fieldOf(row);
  if (field && !field.matches(":disabled")) field.focus({ preventScroll: true });
  else row.querySelector("a.ref:not([hidden])")?.focus({ preventScroll: true });
}

export function goToWords(root, number) {
  const words = wordsOf(root, number);
  if (!words) return;
  pane(root, "text");
  show(words);
  words.focus({ preventScroll: true });
}

export function betweenFieldAndWords(root) {
  const here = document.activeElement;
  const row = here.closest(".row[data-n]");
  if (row) goToWords(root, row.dataset.n);
  else if (here.matches(".ev")) goToRow(root, rowOf(root, here.dataset.n.split(" ")[0]));
}

const toCheck = (root) => rows(root).filter((row) => "check" in row.dataset);

export const goToFirstToCheck = (root) => goToRow(root, toCheck(root)[0] ?? rows(root)[0]);

export function goToNextToCheck(root) {
  const checks = toCheck(root);
  const here = checks.indexOf(document.activeElement.closest(".row"));
  goToRow(root, checks[(here + 1) % checks.length]);
}

/** The sentence of the trigger into sight; the text stays at its beginning when that is short of it. */
function showSentence(root) {
  const text = root.querySelector(".text-pane");
  const said = root.querySelector("#said, .ev--trigger[href]");
  if (!said || location.hash || isNarrow.matches) return;
  const top = said.getBoundingClientRect().top - text.getBoundingClientRect().top;
  if (top > text.clientHeight * 0.7) text.scrollTop = top - text.clientHeight / 3;
}

export function link(root, signal) {
  root.querySelector("#record-form").addEventListener("focusin", ({ target }) => {
    const row = target.closest(".row[data-n]");
    if (row && !isNarrow.matches) show(wordsOf(root, row.dataset.n));
  }, { signal });
  root.addEventListener("click", (event) => {
    const target = event.target.closest(".text-pane .ev[href], a.ref, .why a, .comment a");
    if (!target) return;
    event.preventDefault();
    const [kind, number] = target.hash.slice(1).split("-");
    if (kind === "e") goToWords(root, number);
    else goToRow(root, rowOf(root, number));
  }, { signal });
  root.querySelector("#pane-text").addEventListener("change", () => show(root.querySelector("#said, .ev--trigger[href]")), { signal });
  showSentence(root);
}
