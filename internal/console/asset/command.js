// The command menu: Ctrl-K opens the page /search in a dialog over any page.
const dialog = document.getElementById("command");

if (dialog) {
  const input = dialog.querySelector("input");
  const box = dialog.querySelector(".command-hits");
  let asked = 0;
  let shown = null; // the query whose answer is shown

  const hits = () => [...box.querySelectorAll("[data-hit]")];
  const choose = (n) => {
    const all = hits();
    all.forEach((hit, i) => hit.setAttribute("aria-selected", String(i === n)));
    const hit = all[n];
    if (!hit) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", hit.id);
    hit.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => hits().findIndex((hit) => hit.getAttribute("aria-selected") === "true");

  const find = async () => {
    const turn = ++asked;
    const q = input.value.trim();
    const answer = await fetch(`/search?${new URLSearchParams({ q })}`);
    if (turn !== asked) return; // an older answer never replaces a newer one
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("hits");
    if (!found) return void (location.href = "/search");
    shown = q;
    box.replaceChildren(...found.children);
    box.querySelectorAll("h2").forEach((e) => e.setAttribute("aria-hidden", "true"));
    box.querySelectorAll("section").forEach((e) => e.setAttribute("role", "group"));
    box.querySelectorAll("ul, li").forEach((e) => e.setAttribute("role", "presentation"));
    box.querySelector(".hits")?.setAttribute("role", "listbox");
    box.querySelector(".hits")?.setAttribute("aria-label", "Results");
    hits().forEach((hit, n) => {
      hit.id = `hit-${n}`;
      hit.tabIndex = -1;
      hit.setAttribute("role", "option");
    });
    choose(Math.max(hits().findIndex((hit) => "best" in hit.dataset), 0));
  };

  const open = () => {
    if (dialog.open) return;
    input.value = "";
    dialog.showModal();
    input.focus();
    find();
  };

  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 120);
  });
  input.addEventListener("keydown", (event) => {
    const all = hits();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !all.length) return;
    event.preventDefault();
    choose((chosen() + step + all.length) % all.length);
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    if (shown !== input.value.trim()) await find();
    hits()[Math.max(chosen(), 0)]?.click();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-command]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
}
