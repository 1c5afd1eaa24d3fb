// On a document's page: the words that report a missed event are those that are selected, or typed and found.

import { Finder, selectedIn } from "./finder.js";
import { asSpan } from "./evidence.js";
import { letLinksBeSelected } from "./pointing.js";

const text = document.querySelector("#text");
const box = document.querySelector("#add-event");

if (box) {
  const { signal } = new AbortController();
  const finder = new Finder(box, text, signal);
  letLinksBeSelected(text, signal);
  for (const end of ["pointerup", "keyup", "touchend"]) {
    text.addEventListener(end, () => setTimeout(() => {
      const selected = selectedIn(text);
      if (!selected) return;
      box.open = true;
      finder.set(selected);
    }));
  }
  box.querySelector("form").addEventListener("formdata", ({ formData }) => {
    if (finder.place) formData.set("place", asSpan(finder.place));
  });
}
