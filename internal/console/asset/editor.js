// The policy editor: a text area becomes CodeMirror, with the findings of the
// page at their lines. It stands in a shadow root, where CodeMirror's styles
// are constructed sheets, which a strict Content-Security-Policy allows. The
// text area stays what the form sends: all else is htmx's.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, drawSelection, gutter, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { colours, look } from "./editor-look.js";

const severities = ["error", "security", "warning", "suggestion"];

class Mark extends GutterMarker {
  constructor(severity) {
    super();
    this.severity = severity;
  }
  eq(other) {
    return other.severity === this.severity;
  }
  toDOM() {
    const dot = document.createElement("span");
    dot.className = `mark mark-${this.severity}`;
    return dot;
  }
}

const judged = StateEffect.define();

// placed turns a line and a column into a range of the document: the string or
// word that stands there, else one character.
function placed(state, line, column) {
  const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  const node = syntaxTree(state).resolveInner(from, 1);
  const whole = ["String", "PropertyName", "Number", "True", "False", "Null"].includes(node.name) && node.from === from;
  let to = whole ? node.to : Math.min(from + 1, at.to);
  if (!whole && from < at.to && !"{[".includes(state.sliceDoc(from, from + 1))) to = at.to;
  return { from, to, node };
}

// The findings and the statement that settled the question, as marks.
function marks(state, findings, settles) {
  const ranges = findings.map((f) => ({ ...f, ...placed(state, f.line, f.column) })).sort((a, b) => a.from - b.from || severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const text = ranges.filter((r) => r.to > r.from).map((r) => Decoration.mark({ class: `found found-${r.severity}` }).range(r.from, r.to));
  if (settles.line > 0 && settles.line <= state.doc.lines) {
    const at = state.doc.line(settles.line);
    let node = syntaxTree(state).resolveInner(at.from + at.text.search(/\S|$/), 1);
    while (node.parent && node.name !== "Object") node = node.parent;
    const last = node.name === "Object" ? state.doc.lineAt(node.to).number : settles.line;
    for (let n = settles.line; n <= last; n++) text.push(Decoration.line({ class: `settles-${settles.tone}` }).range(state.doc.line(n).from));
  }
  const dots = new RangeSetBuilder();
  let line = -1;
  for (const r of ranges) {
    const at = state.doc.lineAt(r.from).from;
    if (at !== line) dots.add(at, at, new Mark(worst(ranges, state, at)));
    line = at;
  }
  return { ranges, text: Decoration.set(text, true), dots: dots.finish() };
}

function worst(ranges, state, line) {
  const here = ranges.filter((r) => state.doc.lineAt(r.from).from === line).map((r) => severities.indexOf(r.severity));
  return severities[Math.min(...here)];
}

const verdicts = StateField.define({
  create: () => ({ ranges: [], text: Decoration.none, dots: new RangeSetBuilder().finish() }),
  update(value, tr) {
    for (const effect of tr.effects) if (effect.is(judged)) return marks(tr.state, effect.value.findings, effect.value.settles);
    if (!tr.docChanged) return value;
    return {
      ranges: value.ranges.map((r) => ({ ...r, from: tr.changes.mapPos(r.from, 1), to: tr.changes.mapPos(r.to, -1) })),
      text: value.text.map(tr.changes),
      dots: value.dots.map(tr.changes),
    };
  },
  provide: (field) => [EditorView.decorations.from(field, (v) => v.text), gutter({ class: "marks", markers: (view) => view.state.field(field).dots })],
});

const told = hoverTooltip((view, pos) => {
  const here = view.state.field(verdicts).ranges.filter((r) => r.from <= pos && pos <= r.to);
  if (!here.length) return null;
  return {
    pos: here[0].from,
    end: here[0].to,
    create: () => {
      const list = document.createElement("ul");
      list.className = "told";
      for (const r of here) list.append(Object.assign(document.createElement("li"), { textContent: r.message }));
      return { dom: list };
    },
  };
});

// read gives what the page found, from the panels that the server rendered.
function read() {
  const findings = [...document.querySelectorAll("#findings .finding")].map(({ dataset: d }) => ({ severity: d.severity, message: d.message, line: Number(d.line), column: Number(d.column) }));
  const answer = document.getElementById("answer")?.dataset ?? {};
  return { findings, settles: { line: Number(answer.settles ?? 0), tone: answer.tone } };
}

function open(area) {
  const host = document.createElement("div");
  host.className = "paper-editor";
  const root = host.attachShadow({ mode: "open" });
  const frame = document.createElement("div");
  root.append(frame);
  area.after(host);
  area.hidden = true;
  const view = new EditorView({
    parent: frame,
    root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), verdicts, told, history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(),
        json(), syntaxHighlighting(colours), look, keymap.of([...defaultKeymap, ...historyKeymap]),
        placeholder("Paste a policy or trust document"), EditorState.tabSize.of(2),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "Policy document", "aria-describedby": "findings-title" }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          area.dispatchEvent(new Event("input", { bubbles: true }));
        }),
      ],
    }),
  });
  return { area, view };
}

const replace = (view, text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });

// take sends the form with the correction that was chosen, and puts what comes
// back into the editor, where it can be undone.
async function take({ area, view }, form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!answer.ok) return form.submit();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  replace(view, page.getElementById(area.id).value);
  view.focus();
}

for (const area of document.querySelectorAll("textarea[data-editor]")) {
  const editor = open(area);
  const show = () => editor.view.dispatch({ effects: judged.of(read()) });
  show();
  document.addEventListener("htmx:after:swap", show);
  document.addEventListener("click", (event) => {
    const place = event.target.closest?.("[data-go-line]");
    if (place) {
      const { from } = placed(editor.view.state, Number(place.dataset.goLine), Number(place.dataset.goColumn));
      editor.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      editor.view.focus();
    }
    if (event.target.closest?.(`[data-clear="${area.id}"]`)) {
      replace(editor.view, "");
      editor.view.focus();
    }
  });
  area.form?.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "take") return;
    event.preventDefault();
    take(editor, area.form, event.submitter);
  });
}
