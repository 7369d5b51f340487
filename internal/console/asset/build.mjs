// Builds static, or the folder that is named, from what npm installed: one
// stylesheet, the scripts, one icon sprite, the fonts. File names carry a hash
// of their content, so that a browser may keep them for ever; manifest.json
// maps the plain names to them.
// The output depends on package-lock.json and this folder alone.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const work = join(here, ".build");
const out = resolve(process.argv[2] ?? join(here, "static"));
const manifest = {};
const bundled = new Set(["@fontsource-variable/inter", "@fontsource-variable/geist-mono", "basecoat-css", "lucide-static", "tailwindcss"]);

// put writes content to static under a hashed name and remembers it.
function put(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  manifest[name] = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  writeFileSync(join(out, manifest[name]), content);
}

// sections cuts the named parts out of a Basecoat style, which comes as one
// file for all components: the rest would triple the stylesheet.
function sections(style, names) {
  const parts = new Map();
  let name = "";
  for (const line of readFileSync(style, "utf8").split("\n")) {
    const heading = line.match(/^ {0,2}\/\* (.+) \*\/$/);
    if (heading) name = heading[1];
    parts.set(name, (parts.get(name) ?? "") + line + "\n");
  }
  const wanted = names.map((n) => {
    if (!parts.has(n)) throw new Error(`the style has no section "${n}"`);
    return parts.get(n);
  });
  return `@layer components {\n${wanted.join("\n")}\n}\n`;
}

function fonts() {
  const files = {
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    "mono.woff2": "@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2",
  };
  for (const [name, file] of Object.entries(files)) put(name, readFileSync(join(modules, file)));
}

// sprite joins the icons named in icons.txt, and our own in icon/, as symbols.
function sprite() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean).sort();
  const own = readdirSync(join(here, "icon")).map((f) => basename(f, ".svg"));
  const symbol = (name, file) => {
    const svg = readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->/g, "");
    const body = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1].replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
  };
  const symbols = [
    ...names.map((n) => symbol(n, join(modules, "lucide-static", "icons", `${n}.svg`))),
    ...own.sort().map((n) => symbol(n, join(here, "icon", `${n}.svg`))),
  ];
  put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
  writeFileSync(join(out, "icons.json"), JSON.stringify([...names, ...own].sort(), null, 1) + "\n");
}

function pictures() {
  for (const file of readdirSync(join(here, "picture"))) put(file, readFileSync(join(here, "picture", file)));
}

function style() {
  const basecoat = join(modules, "basecoat-css", "dist", "styles", "vega.css");
  const wanted = ["Button", "Textarea", "Input", "Native Select", "Checkbox", "Radio", "Field", "Label", "Table", "Kbd"];
  writeFileSync(join(work, "style.css"), sections(basecoat, wanted));
  const target = join(work, "console.css");
  execFileSync(join(modules, ".bin", "tailwindcss"), ["-i", join(here, "console.css"), "-o", target, "--minify"], {
    cwd: here,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const css = readFileSync(target, "utf8").replace(/url\(["']?\.\/asset-([a-z-]+\.[a-z0-9]+)["']?\)/g, (_, name) => {
    if (!manifest[name]) throw new Error(`the stylesheet names ${name}, which is not there`);
    return `url(${manifest[name]})`;
  });
  put("console.css", css);
}

// script bundles one island or what every page has.
async function script(name) {
  const result = await build({
    entryPoints: [join(here, name)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  for (const input of Object.keys(result.metafile.inputs)) {
    const name = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/);
    if (name) bundled.add(name[1]);
  }
  put(name, result.outputFiles[0].text);
}

// licences keeps the terms of what is embedded beside it.
function licences() {
  const parts = [...bundled].sort();
  const text = parts.map((name) => {
    const folder = join(modules, name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    return `## ${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  writeFileSync(join(out, "LICENSES.txt"), `Parts of others that the console's assets hold.\n\n${text.join("\n\n")}`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
mkdirSync(work, { recursive: true });
fonts();
sprite();
pictures();
style();
await script("console.js");
await script("editor.js");
await script("query.js");
licences();
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 1) + "\n");
