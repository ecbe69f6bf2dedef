// What is typed in a [data-draft] field is kept by the server a few seconds later, as a draft.
// Nothing is written in the browser's storage; without network the text stays in the field and
// is sent when the network returns.
(() => {
  "use strict";

  const WAIT = 2500;
  const RETRY = 8000;
  const pending = new Map(); // field → timer

  const state = (field, text) => {
    const output = field.closest(".field")?.querySelector("[data-draft-state]");
    if (output) output.textContent = text;
  };

  const body = (field) => new URLSearchParams({ name: field.name, text: field.value });

  const send = async (field) => {
    const sent = field.value;
    pending.delete(field);
    try {
      const answer = await fetch(field.dataset.draft, { method: "POST", body: body(field) });
      if (answer.status === 401) {
        state(field, "Vous n’êtes plus connecté·e : votre texte reste ici. Reconnectez-vous dans un autre onglet.");
        later(field, RETRY);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const time = new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });
      if (field.value === sent) state(field, `Brouillon gardé à ${time.replace(":", " h ")}`);
    } catch {
      state(field, "Pas encore gardé : nouvel essai dès que possible. Votre texte reste ici.");
      later(field, RETRY);
    }
  };

  const later = (field, delay) => {
    clearTimeout(pending.get(field));
    pending.set(field, setTimeout(() => send(field), delay));
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-draft]")) later(event.target, WAIT);
  });

  document.addEventListener("submit", (event) => {
    for (const [field, timer] of pending) {
      if (field.form !== event.target) continue;
      clearTimeout(timer);
      pending.delete(field);
    }
  });

  window.addEventListener("online", () => pending.forEach((_, field) => later(field, 0)));
  window.addEventListener("pagehide", () => {
    pending.forEach((_, field) => navigator.sendBeacon(field.dataset.draft, body(field)));
  });
})();
