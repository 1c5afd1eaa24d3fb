// What the page has to say above an item's form. The words are in the page, as templates.

const place = (root) => root.querySelector("#notices");

export function tell(root, name, title, detail) {
  const notice = root.querySelector(`#notice-${name}`).content.cloneNode(true);
  if (title) notice.querySelector("[data-title]").textContent = title;
  if (detail) notice.querySelector("[data-detail]").textContent = detail;
  place(root).replaceChildren(notice);
  place(root).dataset.tells = name;
}

export function quiet(root, ...names) {
  if (names.includes(place(root).dataset.tells)) place(root).replaceChildren();
}

export const isQuiet = (root) => !place(root).firstElementChild;
