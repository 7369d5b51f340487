// Scrolling through many rows: the rows of the next pages are fetched by their
// links, and only those near the visible part are in the document.

const mostRows = 5000; // in memory; the rest is on the next page
const mostShown = 90; // in the document
const ahead = 20; // rows beside the visible part

// scrolling adds a grid's following pages to it.
export function scrolling(table) {
  const box = table.closest("#rows .grid-box");
  const foot = box?.parentElement.querySelector(".panel-foot");
  if (!box || !foot) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  if (rows.length < ahead) return;
  const first = rowNumber(rows[0]);
  const state = { next: foot.querySelector('a[rel="next"]'), loading: false, from: 0, height: rows[0].offsetHeight };
  const above = spacer(table), below = spacer(table);

  const total = Number(foot.dataset.matching ?? -1);
  if (total >= 0) table.setAttribute("aria-rowcount", String(total + 1));
  keepWidths(table);

  function show() {
    const focused = document.activeElement?.closest("tr");
    const visible = Math.floor(box.scrollTop / state.height);
    state.from = Math.max(Math.min(visible - ahead, rows.length - mostShown), 0);
    const shown = rows.slice(state.from, state.from + mostShown);
    above.firstChild.style.height = `${state.from * state.height}px`;
    below.firstChild.style.height = `${Math.max(rows.length - state.from - mostShown, 0) * state.height}px`;
    above.hidden = state.from === 0;
    below.hidden = state.from + mostShown >= rows.length;
    if (body.children[1] !== shown[0] || body.children.length !== shown.length + 2) {
      const keeps = focused && shown.includes(focused) ? document.activeElement : null;
      body.replaceChildren(above, ...shown, below);
      keeps?.focus({ preventScroll: true });
      if (!body.querySelector('[tabindex="0"]') && !table.tHead.querySelector('[tabindex="0"]')) {
        shown[Math.min(ahead, shown.length - 1)].cells[1].tabIndex = 0;
      }
    }
    if (state.next && rows.length < mostRows && visible + mostShown - ahead > rows.length) more();
  }

  async function more() {
    if (state.loading) return;
    state.loading = true;
    const link = state.next;
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) return void (state.next = null);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const row of page.querySelectorAll("#rows .cells tbody tr")) {
        for (const a of row.querySelectorAll("a")) a.tabIndex = -1;
        rows.push(document.adoptNode(row));
      }
      number();
      const next = page.querySelector('#rows a[rel="next"]');
      state.next = next ? link : null;
      if (next) link.href = next.getAttribute("href");
      else link.remove();
      foot.querySelector("[data-last]").textContent = (first + rows.length - 1).toLocaleString("en-US");
    } catch {
      state.next = null; // the link still leads to the next rows
    } finally {
      state.loading = false;
    }
    show();
  }

  function number() {
    rows.forEach((row, n) => row.setAttribute("aria-rowindex", String(first + n + 1)));
  }

  number();
  box.addEventListener("scroll", show, { passive: true });
  show();
  // at returns a row of those that are loaded, and shows it.
  table.rowAt = (n) => {
    const at = Math.min(Math.max(n, 0), rows.length - 1);
    const top = at * state.height;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 3 * state.height) {
      box.scrollTop = Math.max(top - box.clientHeight / 2, 0);
    }
    show();
    return rows[at];
  };
  table.rowIndexOf = (row) => rows.indexOf(row);
  table.allRows = () => rows;
}

function rowNumber(row) { return Number(row.cells[0].textContent.replace(/\D/g, "")) || 1; }

function spacer(table) {
  const row = document.createElement("tr");
  row.className = "grid-spacer";
  row.setAttribute("aria-hidden", "true");
  const cell = row.insertCell();
  cell.colSpan = table.tHead.rows[0].cells.length;
  row.hidden = true;
  return row;
}

// keepWidths keeps columns from moving when other rows are shown.
function keepWidths(table) {
  const heads = [...table.tHead.rows[0].cells];
  const widths = heads.map((head) => head.getBoundingClientRect().width);
  heads.forEach((head, n) => {
    head.style.width = head.style.minWidth = `${Math.ceil(widths[n])}px`;
  });
  table.style.width = `${Math.ceil(widths.reduce((sum, w) => sum + w, 0))}px`;
  table.style.minWidth = "100%";
  table.style.tableLayout = "fixed";
}
