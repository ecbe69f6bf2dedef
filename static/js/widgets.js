// Dialogs, menus, countdowns, filters that apply themselves. Each has its way without this file.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    document.querySelectorAll("details.account[open], details.bar-menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.account[open], details.bar-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // The slash leads to the search field, from anywhere but where one types.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    const fields = [...document.querySelectorAll(".bar-search input")];
    const menu = document.querySelector("details.bar-menu");
    if (!fields.length) return;
    if (!fields.some((field) => field.checkVisibility()) && menu) menu.open = true;
    const field = fields.find((one) => one.checkVisibility());
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-auto]")) event.target.form?.requestSubmit();
  });

  // A file too heavy is said before it leaves: all that was typed beside it stays.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-most]")) return;
    const heavy = [...input.files].some((file) => file.size > input.dataset.most * 1024 * 1024);
    input.setCustomValidity(heavy ? `Ce fichier dépasse ${input.dataset.most} Mo.` : "");
    if (heavy) input.reportValidity();
  });

  // "10 min", then "45 s", then "dépassé de 3 min".
  const remaining = (seconds) => {
    const late = seconds < 0;
    const all = Math.abs(seconds);
    const minutes = Math.floor(all / 60);
    const words = all < 60 ? `${all} s`
      : minutes < 120 ? `${minutes} min`
      : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
    return late ? `dépassé de ${words}` : words;
  };

  const tick = () => {
    document.querySelectorAll("[data-countdown]").forEach((clock) => {
      const seconds = Math.round((Date.parse(clock.dataset.countdown) - Date.now()) / 1000);
      if (Number.isNaN(seconds)) return;
      const words = remaining(seconds);
      if (clock.textContent !== words) clock.textContent = words;
      clock.classList.toggle("is-over", seconds < 0);
    });
  };
  setInterval(tick, 1000);
  tick();

  // Leaving with something typed: the browser asks.
  const guarded = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-guard]");
    if (form) guarded.add(form);
  });
  document.addEventListener("submit", (event) => guarded.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if ([...guarded].some((form) => form.isConnected)) event.preventDefault();
  });
})();
