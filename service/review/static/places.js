// Between places on the page and places in the document's text, which are counted in code points: letters beyond the
// basic plane are one there, and two units of a script's strings.

const length = (string) => [...string].length;
const paragraphs = (text) => [...text.querySelectorAll("[data-start]")];
const startOf = (paragraph) => Number(paragraph.dataset.start);

/** The part of a range that is inside a node, null when it is empty. */
function within(range, node) {
  const part = document.createRange();
  part.selectNodeContents(node);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString().trim() ? part : null;
}

function before(paragraph, container, offset) {
  const part = document.createRange();
  part.selectNodeContents(paragraph);
  part.setEnd(container, offset);
  return part.toString();
}

/** Where the words of a range are in the document's text, without blanks around them; null where it has none. */
export function spanOf(range, text) {
  const parts = paragraphs(text)
    .filter((paragraph) => range.intersectsNode(paragraph))
    .map((paragraph) => [paragraph, within(range, paragraph)])
    .filter(([, part]) => part);
  if (!parts.length) return null;
  const [first, begin] = parts[0];
  const [last, finish] = parts.at(-1);
  const blanks = /^\s*/.exec(begin.toString())[0];
  const start = startOf(first) + length(before(first, begin.startContainer, begin.startOffset) + blanks);
  const end = startOf(last) + length(before(last, finish.endContainer, finish.endOffset).trimEnd());
  return { start, end };
}

/** The node and offset that are so many code points into a paragraph. */
function placeIn(paragraph, count) {
  const nodes = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  let left = count;
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const letters = [...node.data];
    if (left <= letters.length) return [node, letters.slice(0, left).join("").length];
    left -= letters.length;
  }
  return null;
}

/** The range of a span; null where the page does not show all of it. */
export function rangeOf({ start, end }, text) {
  const first = paragraphs(text).findLast((paragraph) => startOf(paragraph) <= start);
  const last = paragraphs(text).findLast((paragraph) => startOf(paragraph) < end);
  const from = first && placeIn(first, start - startOf(first));
  const to = last && placeIn(last, end - startOf(last));
  if (!from || !to) return null;
  const range = document.createRange();
  range.setStart(...from);
  range.setEnd(...to);
  return range;
}

// Between two letters of a word there may be one that nobody sees, and between two words any blanks.
const UNSEEN = "[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]*";
const escaped = (letter) => letter.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");

function pattern(words) {
  const parts = words.trim().split(/\s+/).map((word) => [...word].map(escaped).join(UNSEEN));
  return new RegExp(parts.join(`${UNSEEN}\\s+${UNSEEN}`), "giu");
}

/** All places where the words stand in a paragraph, in the order of the text, whatever their case. */
export function occurrences(words, text) {
  if (!words.trim()) return [];
  return paragraphs(text).flatMap((paragraph) =>
    [...paragraph.textContent.matchAll(pattern(words))].map(({ index, 0: found, input }) => {
      const start = startOf(paragraph) + length(input.slice(0, index));
      return { start, end: start + length(found) };
    }));
}
