// The look that every editor of the console has.
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const look = EditorView.theme({
  "&": { maxHeight: "40rem", color: "var(--foreground)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit", overscrollBehavior: "contain" },
  ".cm-content": { padding: "0.75rem 0", minHeight: "22rem", caretColor: "var(--foreground)" },
  ".cm-cursor": { borderLeftColor: "var(--foreground)" },
  ".cm-line": { padding: "0 1rem 0 0.5rem" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted-foreground)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 0.5rem 0 0.25rem", minWidth: "2rem" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--foreground) 4%, transparent)" },
  ".cm-activeLineGutter": { color: "var(--foreground)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in oklab, var(--ring) 26%, transparent) !important" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in oklab, var(--ring) 24%, transparent)" },
  ".cm-placeholder": { color: "var(--muted-foreground)" },
  ".found": { textDecoration: "underline wavy 1px", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".found-error, .found-security": { textDecorationColor: "var(--bad)" },
  ".found-warning": { textDecorationColor: "var(--warn)" },
  ".found-suggestion": { textDecorationColor: "var(--calm)" },
  ".settles-good": { backgroundColor: "color-mix(in oklab, var(--good-soft) 75%, transparent)" },
  ".settles-bad": { backgroundColor: "color-mix(in oklab, var(--bad-soft) 75%, transparent)" },
  ".marks": { width: "0.875rem" },
  ".mark": { display: "block", width: "0.5rem", height: "0.5rem", margin: "0.375rem 0 0 0.3125rem", borderRadius: "50%" },
  ".mark-error, .mark-security": { backgroundColor: "var(--bad)" },
  ".mark-warning": { backgroundColor: "var(--warn)", borderRadius: "0", clipPath: "polygon(50% 0, 100% 100%, 0 100%)" },
  ".mark-suggestion": { backgroundColor: "var(--calm)", borderRadius: "1px" },
  ".cm-tooltip": { border: "1px solid var(--border)", borderRadius: "0.5rem", backgroundColor: "var(--popover)", color: "var(--popover-foreground)", boxShadow: "var(--shadow-float)", maxWidth: "26rem" },
  ".told": { margin: "0", padding: "0.625rem 0.75rem", listStyle: "none", fontFamily: "Inter, system-ui, sans-serif", fontSize: "0.8125rem", lineHeight: "1.25rem" },
});

export const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--code-key)", fontWeight: "600" },
  { tag: tags.typeName, color: "var(--code-key)" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: "var(--muted-foreground)", fontStyle: "italic" },
]);
