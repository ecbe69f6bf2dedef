// What htmx is allowed to do, what is said when it cannot, and where focus goes after a swap.
(() => {
  "use strict";

  const say = (text) => {
    const region = document.getElementById("annonces");
    if (!region || !text) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 50); // the same words twice are said twice
  };

  // An answer may swap its target, and elsewhere only what the page marked data-oob. Never a script.
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    detail.ctx.title = null;
    for (let i = detail.tasks.length - 1; i >= 0; i -= 1) {
      const task = detail.tasks[i];
      task.fragment.querySelectorAll("script").forEach((script) => script.remove());
      if (task.type !== "main" && !task.target?.matches("[data-oob]")) detail.tasks.splice(i, 1);
    }
    remembered = whereFocusIs() || sending;
    sending = null;
  });

  // Whom the page shows, sealed by the server: brought back with each exchange, so that what is no
  // longer shared makes the page be asked for again.
  const seal = () => document.querySelector("meta[name=sharing]");

  document.addEventListener("htmx:config:request", ({ detail }) => {
    if (seal()) detail.ctx.request.headers["X-Sharing"] = seal().content;
  });

  document.addEventListener("htmx:before:response", ({ detail }) => {
    const said = detail.ctx.response.headers.get("X-Sharing");
    if (!said) return;
    const meta = seal() || document.head.appendChild(Object.assign(document.createElement("meta"), { name: "sharing" }));
    meta.content = said;
  });

  let remembered = null;
  let sending = null; // a button disabled while its form is sent loses focus before the swap

  document.addEventListener("submit", () => { sending = whereFocusIs(); }, true);

  const whereFocusIs = () => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const around = [];
    for (let e = at.parentElement; e && e.id !== "main"; e = e.parentElement) if (e.id) around.push(e.id);
    return { id: at.id, name: at.name, value: at.value, around };
  };

  document.addEventListener("htmx:after:swap", () => {
    connectionIsBack();
    nameErrors();
    document.querySelectorAll("[data-announce]").forEach((element) => {
      say(element.dataset.announce);
      element.removeAttribute("data-announce");
    });
    if (takeAskedFocus()) return;
    if (remembered && document.activeElement === document.body) giveFocusBack(remembered);
  });

  // The server's own word after a swap (HX-Trigger: annonce): said, and shown above the page.
  document.addEventListener("annonce", ({ detail }) => {
    const text = detail.text || detail.value;
    const flash = document.getElementById("flash");
    if (flash && text) flash.replaceChildren(note("success", "moss", text));
    say(text);
  });

  const takeAskedFocus = () => {
    const asked = document.querySelector("[data-focus]");
    if (!asked) return false;
    asked.removeAttribute("data-focus");
    focusOn(asked);
    return true;
  };

  const giveFocusBack = ({ id, name, value, around }) => {
    const place = document.getElementById(around.find((key) => document.getElementById(key)) || "main");
    const same = (id && document.getElementById(id)) ||
      (name && [...place.querySelectorAll("[name]")].find((e) => e.name === name && e.value === value));
    focusOn(same || place.querySelector("h1, h2, h3") || place);
  };

  const focusOn = (element) => {
    if (element.tabIndex < 0) element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: false });
  };

  // « Ce champ est nécessaire. » alone, five times, says nothing: each line of the summary names its field.
  const nameErrors = () => document.querySelectorAll(".error-summary a[href^='#']:not([data-named])").forEach((link) => {
    link.dataset.named = "";
    const at = document.getElementById(link.hash.slice(1));
    const label = (at?.labels?.[0] || at?.querySelector("legend"))?.cloneNode(true);
    label?.querySelectorAll(".optional, .visually-hidden").forEach((extra) => extra.remove());
    const name = label?.textContent.trim();
    if (name) link.prepend(`${name}\u202f: `);
  });

  // Network and server failures: said on the page and to screen readers.
  const LOST = "Connexion interrompue : rien n’est perdu, ce que vous avez saisi reste sur la page. Réessayez dans un instant.";
  const BROKEN = "Le serveur n’a pas pu répondre : rien n’a été modifié, ce que vous avez saisi reste sur la page. Réessayez dans un instant.";
  const FORBIDDEN = "Cette action ne vous est pas ouverte, ou ne l’est plus. Rechargez la page pour voir où elle en est.";

  // One banner at a time. Losing the network ends by itself; a refusal stays until it is closed.
  const warn = (text) => {
    document.getElementById("avertissement")?.remove();
    const banner = note("warning", "ochre", text);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button button-small button-quiet";
    close.textContent = "Fermer";
    close.addEventListener("click", () => banner.remove());
    banner.append(close);
    banner.classList.add("connection-lost");
    banner.id = "avertissement";
    banner.toggleAttribute("data-lost", text === LOST);
    document.body.append(banner);
    say(text);
  };

  const note = (level, tone, text) => {
    const box = document.createElement("div");
    const words = document.createElement("p");
    box.className = `alert alert-${level} tone-${tone}`;
    words.textContent = text;
    box.append(words);
    return box;
  };

  const connectionIsBack = () => document.querySelector("#avertissement[data-lost]")?.remove();

  document.addEventListener("htmx:error", () => warn(LOST));
  document.addEventListener("htmx:response:error", ({ detail }) => {
    const { status } = detail.ctx.response;
    if (status >= 500) warn(BROKEN);
    else if (status === 403) warn(FORBIDDEN);
  });
  window.addEventListener("offline", () => warn(LOST));
  window.addEventListener("online", connectionIsBack);

  nameErrors();
  takeAskedFocus();
})();
