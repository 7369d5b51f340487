// The SQL editor: the text area of the query page becomes CodeMirror, which
// completes datasets and columns, runs the statement on Ctrl-Enter, and
// underlines what is wrong with it. The text area stays what the form sends.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { colours, look } from "./editor-look.js";

const small = EditorView.theme({
  "&": { maxHeight: "24rem" },
  ".cm-content": { minHeight: "9rem", boxSizing: "content-box" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "inherit", fontSize: "0.8125rem", maxHeight: "14rem" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "0.25rem 0.5rem" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--primary)", color: "var(--primary-foreground)" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.75" },
});

const wrong = StateEffect.define();

// placed turns the fault's line and column into the word that is there.
function placed(state, { line, column }) {
  if (!line || line > state.doc.lines) return null;
  const at = state.doc.line(line);
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  const word = state.sliceDoc(from, at.to).match(/^"[^"]*"|^[\p{L}\p{N}_]+/u);
  const to = Math.max(from + (word ? word[0].length : 1), from + 1);
  return from < at.to ? { from, to: Math.min(to, at.to) } : { from: Math.max(at.to - 1, at.from), to: at.to };
}

const fault = StateField.define({
  create: () => ({ marks: Decoration.none, message: "" }),
  update(value, tr) {
    for (const effect of tr.effects) {
      if (!effect.is(wrong)) continue;
      const place = effect.value && placed(tr.state, effect.value);
      if (!place || place.from === place.to) return { marks: Decoration.none, message: "" };
      return { marks: Decoration.set([Decoration.mark({ class: "found found-error" }).range(place.from, place.to)]), message: effect.value.message };
    }
    return tr.docChanged ? { marks: Decoration.none, message: "" } : value;
  },
  provide: (field) => EditorView.decorations.from(field, (v) => v.marks),
});

const told = hoverTooltip((view, pos) => {
  const { marks, message } = view.state.field(fault);
  let found = null;
  marks.between(pos, pos, (from, to) => {
    found = { pos: from, end: to, create: () => {
      const dom = Object.assign(document.createElement("p"), { className: "told", textContent: message });
      return { dom };
    } };
  });
  return found;
});

// read returns the fault that the page shows.
function read() {
  const d = document.getElementById("query-fault")?.dataset;
  return d ? { line: Number(d.line), column: Number(d.column), message: d.message } : null;
}

function open(area) {
  const host = document.createElement("div");
  host.className = "query-editor";
  const root = host.attachShadow({ mode: "open" });
  const frame = document.createElement("div");
  root.append(frame);
  area.after(host);
  area.hidden = true;
  const run = () => {
    area.form.requestSubmit();
    return true;
  };
  return new EditorView({
    parent: frame,
    root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), fault, told, history(), drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        sql({ dialect: PostgreSQL, schema: JSON.parse(area.dataset.sql || "{}") }), autocompletion(), syntaxHighlighting(colours), small, look,
        Prec.highest(keymap.of([{ key: "Mod-Enter", run }, { key: "Tab", run: acceptCompletion }])),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        placeholder("select …"), EditorState.tabSize.of(2), EditorView.lineWrapping,
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "SQL" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
      ],
    }),
  });
}

const quoted = (name) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

for (const area of document.querySelectorAll("textarea[data-sql]")) {
  const view = open(area);
  const show = () => view.dispatch({ effects: wrong.of(read()) });
  show();
  document.addEventListener("htmx:after:swap", show);
  area.form.addEventListener("submit", () => {
    window.history.replaceState(null, "", `${area.form.getAttribute("action")}?${new URLSearchParams(new FormData(area.form))}`);
  });
  document.addEventListener("click", (event) => {
    const name = event.target.closest?.("[data-insert], [data-replace]")?.dataset;
    if (!name) return;
    const place = name.replace && placed(view.state, read());
    if (place) view.dispatch({ changes: { ...place, insert: quoted(name.replace) } });
    else view.dispatch(view.state.replaceSelection(quoted(name.replace ?? name.insert)));
    view.focus();
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy-address]");
  if (!button) return;
  await navigator.clipboard.writeText(location.href);
  const said = document.getElementById("said");
  said.textContent = "Link copied";
  setTimeout(() => (said.textContent = ""), 2200);
});
