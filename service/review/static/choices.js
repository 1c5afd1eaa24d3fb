// Fields of which somebody has to choose a value: how many still wait for it, and the field for another value. Without
// this file the browser itself asks for the choices before it sends.

export const waiting = (form) =>
  [...form.querySelectorAll("[data-choice]")].filter((row) => !row.querySelector("[name^=choose]:checked"));

export function watchChoices(form, left, save) {
  function tell() {
    const rows = waiting(form);
    for (const row of form.querySelectorAll("[data-choice]")) row.classList.toggle("is-open", rows.includes(row));
    left.textContent = rows.length ? `${rows.length} ${rows.length === 1 ? "field still needs a choice" : "fields still need a choice"}` : "";
    save?.setAttribute("aria-disabled", rows.length > 0);
  }
  form.addEventListener("change", ({ target }) => {
    if (target.name.startsWith("choose:")) {
      const field = target.value === "other" && target.closest(".pick__other").querySelector(".pick__field :is(input:not([type=hidden]), select)");
      if (field) field.focus();
    }
    tell();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat || !save || save.disabled) return;
    event.preventDefault();
    form.requestSubmit(save);
  });
  tell();
}
