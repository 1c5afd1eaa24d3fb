// Ticking all items of a list at once, and how many are ticked.

for (const all of document.querySelectorAll("[data-tick-all]")) {
  const boxes = [...document.querySelectorAll(`input[name="${all.dataset.tickAll}"]`)];
  const told = document.querySelector("[data-ticked]");
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    if (told) told.textContent = `${ticked} ticked`;
  };
  const tickAll = () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  };
  all.addEventListener("change", tickAll);
  for (const box of boxes) box.addEventListener("change", tell);
  if (all.checked) tickAll(); // before this file was here
  else tell();
}
