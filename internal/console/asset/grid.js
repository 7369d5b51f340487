// The island of a grid of rows. It makes the table one stop of the Tab key with
// arrow keys inside, copies cells, and shows a row beside the grid.

import { scrolling } from "./grid-scroll.js";

const cellsOf = (row) => [...row.children];

function enhance(table) {
  if (table.dataset.ready !== undefined) return;
  table.dataset.ready = "";
  table.setAttribute("role", "grid");
  table.parentElement.removeAttribute("tabindex");
  for (const link of table.querySelectorAll("a")) link.tabIndex = -1;
  const first = table.querySelector("tbody td") ?? table.querySelector("th");
  if (first) first.tabIndex = 0;
  scrolling(table);
}

function focusCell(table, cell) {
  for (const old of table.querySelectorAll('[tabindex="0"]')) old.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// moved returns the cell that a key leads to; undefined for other keys.
function moved(table, cell, event) {
  const rows = table.allRows ? [table.rows[0], ...table.allRows()] : [...table.rows];
  const row = rows.indexOf(cell.parentElement);
  const column = cellsOf(cell.parentElement).indexOf(cell);
  const at = (r, c) => {
    const n = Math.min(Math.max(r, 0), rows.length - 1);
    if (n > 0) table.rowAt?.(n - 1);
    const cells = cellsOf(rows[n]);
    return cells[Math.min(Math.max(c, 0), cells.length - 1)];
  };
  const jump = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case "ArrowUp": return at(row - 1, column);
    case "ArrowDown": return at(row + 1, column);
    case "ArrowLeft": return at(row, column - 1);
    case "ArrowRight": return at(row, column + 1);
    case "Home": return at(jump ? 1 : row, 0);
    case "End": return at(jump ? rows.length : row, Infinity);
    case "PageUp": return at(Math.max(row - 10, 1), column);
    case "PageDown": return at(row + 10, column);
    default: return undefined;
  }
}

// showRow shows the row of a link beside the grid, or closes it.
async function showRow(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) return void (location.href = link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const split = document.getElementById("rows");
  const shown = page.getElementById("row");
  split.classList.toggle("has-row", shown.childElementCount > 0);
  document.getElementById("row").replaceWith(document.adoptNode(shown));
  const current = page.querySelector("#rows tr[data-current] a[data-row]")?.textContent;
  for (const row of split.querySelector("[data-grid]").allRows?.() ?? split.querySelectorAll("tbody tr")) {
    row.toggleAttribute("data-current", current !== undefined && rowLink(row.cells[0])?.textContent === current);
  }
  history.replaceState(null, "", link.href);
  if (!document.activeElement?.closest("td, th")) {
    (document.querySelector("#row-title") ?? split.querySelector('[data-grid] [tabindex="0"]'))?.focus();
  }
}

const rowLink = (cell) => cell.parentElement.querySelector("a[data-row]");

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-grid] :is(td, th)");
  if (!cell || event.altKey) return;
  const table = cell.closest("table");
  const next = moved(table, cell, event);
  if (next) {
    event.preventDefault();
    focusCell(table, next);
  } else if (event.key === "F2") {
    const edit = document.querySelector("#row a[data-edit]");
    if (edit && cell.parentElement.hasAttribute("data-current")) edit.click();
    else rowLink(cell)?.click();
  } else if (event.key === " " || event.key === "Enter") {
    const link = (event.key === "Enter" && cell.querySelector("a:not([data-row])")) || rowLink(cell);
    if (!link) return;
    event.preventDefault();
    link.click();
  } else if (event.key === "Escape") {
    document.querySelector("#rows [data-close]")?.click();
  }
});

document.addEventListener("copy", (event) => {
  const cell = document.activeElement?.closest?.("[data-grid] td");
  if (!cell || String(getSelection())) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", cell.dataset.raw ?? cell.textContent);
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest?.("a[data-row], #rows a[data-close]");
  if (link && document.querySelector("#rows .grid-box")) {
    event.preventDefault();
    showRow(link);
    return;
  }
  const cell = event.target.closest?.("[data-grid] td");
  if (cell && !String(getSelection())) focusCell(cell.closest("table"), cell);
});

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest?.("[data-grid] td");
  if (cell) rowLink(cell)?.click();
});

// Programs in several languages become tabs; the choice is kept.
function tabs(box) {
  if (box.dataset.ready !== undefined) return;
  box.dataset.ready = "";
  const panels = [...box.querySelectorAll(":scope > [data-tab]")];
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.getAttribute("aria-label"));
  const choose = (n, focus) => {
    panels.forEach((panel, i) => {
      panel.hidden = i !== n;
      list.children[i].setAttribute("aria-selected", String(i === n));
      list.children[i].tabIndex = i === n ? 0 : -1;
    });
    if (focus) list.children[n].focus();
    try { localStorage.setItem(box.dataset.tabs, panels[n].dataset.tab); } catch { /* it isn't kept */ }
  };
  panels.forEach((panel, n) => {
    const tab = Object.assign(document.createElement("button"), { type: "button", textContent: panel.dataset.tab, id: `${box.dataset.tabs}-${n}` });
    tab.setAttribute("role", "tab");
    tab.addEventListener("click", () => choose(n));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((n + step + panels.length) % panels.length, true);
    });
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
  });
  box.prepend(list);
  let kept = null;
  try { kept = localStorage.getItem(box.dataset.tabs); } catch { /* none */ }
  choose(Math.max(panels.findIndex((panel) => panel.dataset.tab === kept), 0));
}

// A menu closes on a click elsewhere, and on Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function start() {
  document.querySelectorAll("[data-grid]").forEach(enhance);
  document.querySelectorAll("[data-tabs]").forEach(tabs);
}
document.addEventListener("htmx:after:swap", start);
start();
