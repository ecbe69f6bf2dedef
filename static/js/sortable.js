// Ordering by hand with a mouse, a pen or a finger. The up and down buttons do the same for
// the keyboard, as plain forms; this only moves the line, then sends the new order.
(() => {
  "use strict";

  let drag = null;

  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.(".agenda-handle");
    const list = handle?.closest("[data-sortable]");
    if (!list || event.button !== 0) return;
    event.preventDefault();
    const item = handle.closest("[data-id]");
    drag = { list, item, before: order(list), next: item.nextElementSibling };
    handle.setPointerCapture(event.pointerId);
    item.classList.add("is-dragged");
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const others = [...drag.list.querySelectorAll(":scope > [data-id]")].filter((e) => e !== drag.item);
    const after = others.find((other) => {
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    if (after !== drag.item.nextElementSibling) drag.list.insertBefore(drag.item, after || null);
  });

  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { list, item, before } = drag;
    release(item);
    const now = order(list);
    const form = list.closest("form");
    if (now === before || !form?.elements.order) return;
    form.elements.order.value = now;
    form.requestSubmit();
  });

  const putBack = () => {
    if (!drag) return;
    drag.list.insertBefore(drag.item, drag.next);
    release(drag.item);
  };

  document.addEventListener("pointercancel", putBack);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") putBack();
  });

  const order = (list) => [...list.querySelectorAll(":scope > [data-id]")].map((e) => e.dataset.id).join(",");

  const release = (item) => {
    item.classList.remove("is-dragged");
    drag = null;
  };
})();
