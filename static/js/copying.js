// A text is copied in one gesture; without this file it is selected by hand. The picture of a
// journey opens on today's side.
(() => {
  "use strict";

  document.querySelectorAll("[data-copies]").forEach((button) => { button.hidden = false; });
  document.querySelectorAll("[data-scroll-to]").forEach((box) => {
    box.scrollLeft = box.scrollWidth * box.dataset.scrollTo / 1000 - box.clientWidth * 0.7;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copies);
    const told = document.querySelector("[data-copied]");
    text.focus();
    text.select();
    let done = false;
    try {
      await navigator.clipboard.writeText(text.value);
      done = true;
    } catch {
      done = false; // no permission: the text is selected, one key is enough
    }
    if (told) told.textContent = done ? "Copié." : "Le texte est sélectionné\u202f: Ctrl + C pour le copier.";
  });
})();
