// A page that follows a meeting: each message of the stream says "changed" on the body,
// and the elements that care fetch themselves again (hx-trigger="changed from:body").
// When the stream fails, the page asks again every data-poll seconds and tries to reconnect.
(() => {
  "use strict";

  const changed = () => document.body.dispatchEvent(new CustomEvent("changed"));

  const follow = (element) => {
    const every = 1000 * Number(element.dataset.poll || 15);
    let source = null;
    let missed = false;

    const open = () => {
      source = new EventSource(element.dataset.stream);
      source.onmessage = changed;
      source.addEventListener("changed", changed);
      source.onopen = () => {
        if (missed) changed();
        missed = false;
      };
      source.onerror = () => { missed = true; };
    };

    const watch = setInterval(() => {
      if (!element.isConnected) {
        source.close();
        clearInterval(watch);
        return;
      }
      if (source.readyState === EventSource.OPEN) return;
      if (!document.hidden) changed();
      if (source.readyState === EventSource.CLOSED) open();
    }, every);

    open();
  };

  const start = (root) => root.querySelectorAll("[data-stream]:not([data-following])").forEach((element) => {
    element.setAttribute("data-following", "");
    follow(element);
  });

  // A long agenda is opened where the meeting stands.
  const showCurrent = () => {
    const points = document.getElementById("live-points");
    const current = points?.querySelector("[aria-current]");
    if (!current) return;
    const from = current.getBoundingClientRect().top - points.getBoundingClientRect().top;
    points.scrollTop += from - points.clientHeight / 3;
  };

  document.addEventListener("htmx:after:swap", () => {
    start(document);
    showCurrent();
  });
  start(document);
  showCurrent();
})();
