// What every page has: the choice of light or dark, times in the reader's own zone, filters that apply when changed.

import "./keys.js";
import { tellTimes } from "./times.js";

const root = document.documentElement;
const YEAR = 365 * 24 * 3600;

// A cookie, so that the server writes the choice into the page and nothing flashes.
document.querySelector("[data-theme-choice]")?.addEventListener("change", ({ target }) => {
  if (target.value) root.dataset.theme = target.value;
  else delete root.dataset.theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${target.value}; path=/; max-age=${target.value ? YEAR : 0}; samesite=lax${secure}`;
});

tellTimes(document);

// A status that is in the page from its start is not read out: it is told again once the page is there.
const said = document.querySelector("#status span");
if (said) setTimeout(() => said.replaceChildren(...said.childNodes), 300);

// Nothing of a person's work stays in the tab when he signs out, here or in another tab, and somebody else signs in.
const viewer = document.querySelector("meta[name=viewer]")?.content;
if (viewer && sessionStorage.getItem("viewer") !== viewer) {
  sessionStorage.clear();
  sessionStorage.setItem("viewer", viewer);
}
document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => sessionStorage.clear());

// A filter applies when it is changed; one stepped through with the arrow keys only with Enter or its button, since
// each step is a change.
const TYPED = "[type=search], [type=number]"; // applied by Enter or the button, when all is typed
for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  const apply = form.querySelector(".filters__apply");
  let byKey = false;
  apply.hidden = true;
  form.addEventListener("keydown", ({ key, target }) => {
    byKey = target.matches("select");
    if (byKey && key === "Enter") form.requestSubmit();
  });
  form.addEventListener("pointerdown", () => { byKey = false; });
  form.addEventListener("input", ({ target }) => {
    if (target.matches(TYPED)) apply.hidden = false;
  });
  form.addEventListener("change", ({ target }) => {
    if (target.matches(TYPED)) return;
    if (byKey) apply.hidden = false;
    else form.requestSubmit();
  });
  // What is not asked for is no part of the address.
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
