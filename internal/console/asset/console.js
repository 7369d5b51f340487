// What the console does in the browser beyond htmx: it copies, and it changes
// the theme without a page load. Everything works without it.
import "./htmx-global.js";
import "htmx.org/dist/ext/hx-sse.js";
import "./grid.js";
import "./command.js";

const said = () => document.getElementById("said");

function say(text) {
  const toast = said();
  if (!toast) return;
  toast.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (toast.textContent = ""), 2200);
}

// textOf gives what a copy button copies: its own text, or that of the element it names.
function textOf(button) {
  if (button.dataset.copy) return button.dataset.copy;
  const from = document.getElementById(button.dataset.copyFrom);
  return from ? (from.value ?? from.textContent) : "";
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(textOf(button));
  } catch {
    say("The browser would not copy. Select the text instead.");
    return;
  }
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 1600);
  say(`${button.dataset.copyName || "Text"} copied`);
}

function theme(button) {
  const root = document.documentElement;
  root.classList.remove("light", "dark");
  if (button.value !== "system") root.classList.add(button.value);
  for (const other of button.form.elements) other.setAttribute("aria-pressed", String(other === button));
  fetch(button.form.action, { method: "POST", body: new URLSearchParams({ theme: button.value }), redirect: "manual" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy], [data-copy-from]");
  if (button) copy(button);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form.theme-form") && event.submitter) {
    event.preventDefault();
    theme(event.submitter);
  }
});

// What was streamed to its end is asked for anew where the page then has more.
document.addEventListener("done", (event) => {
  if (event.target.dataset?.reload) location.reload();
});

// A list that grows at its head lets its tail go.
document.addEventListener("htmx:after:swap", () => {
  for (const list of document.querySelectorAll("[data-keep]")) {
    while (list.children.length > Number(list.dataset.keep)) list.lastElementChild.remove();
  }
});

// A form that came back with messages puts the reader at the first of them, once, with the page or with what is
// swapped in: a later swap leaves the focus where somebody types.
const focusMessage = () => {
  const message = document.querySelector("[data-focus]");
  if (!message) return;
  message.focus();
  message.removeAttribute("data-focus");
};
document.addEventListener("htmx:after:swap", focusMessage);
focusMessage();
