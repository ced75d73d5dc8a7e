// What all of the page uses: elements, numbers as text, files to save, light and dark.

const data = JSON.parse(document.getElementById("chainrule-data").textContent);

// An element; what comes from outside becomes text, never markup.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

const isNumber = value => typeof value === "number" && Number.isFinite(value);

// A number as the files have it, to the last digit.
const exact = value => (value === null || value === undefined ? "none" : String(value));

// The same for a glance.
function brief(value, digits = 4) {
  if (!isNumber(value)) return "none";
  if (value === 0 || (Number.isInteger(value) && Math.abs(value) < 1e6)) return value.toLocaleString("en");
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6
    ? value.toExponential(digits - 2).replace("e+", "e")
    : String(+value.toPrecision(digits));
}

// A large number for a glance: 3.73 million.
function large(value) {
  if (!isNumber(value)) return "none";
  const unit = [
    [1e9, "billion"],
    [1e6, "million"],
  ].find(([size]) => Math.abs(value) >= size);
  return unit ? `${brief(value / unit[0], 3)} ${unit[1]}` : Math.round(value).toLocaleString("en");
}

const percent = (value, digits = 1) => (isNumber(value) ? (100 * value).toFixed(digits) + "\u00a0%" : "none");
const plural = (count, word, words) => `${count.toLocaleString("en")} ${count === 1 ? word : words || word + "s"}`;

function duration(seconds) {
  if (!isNumber(seconds)) return "none";
  if (seconds < 1) return `${brief(seconds * 1000, 3)} ms`;
  if (seconds < 90) return `${brief(seconds, 3)} s`;
  if (seconds < 600) return `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// A long name in a drawing, cut behind a whole character; what is cut is in the element's title.
const short = (text, most = 24) =>
  text.length > most ? text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "") + "…" : text;

// A name in a sentence, whose words stay in their order whatever direction it is written in.
const quoted = (name, most = 40) => ["“", h("bdi", null, short(name, most)), "”"];

// A name in a sentence without them, such as a metric's, which may hold a class's.
const named = name => h("bdi", null, short(name, 80));

// Parts of a sentence with a text between them.
const joined = (parts, between = ", ") => parts.flatMap((part, i) => (i > 0 ? [between, part] : [part]));

// A value of the config or of the summary: at(run, "config", "training", "epochs").
const at = (object, ...path) =>
  path.reduce((value, key) => (value === null || value === undefined ? undefined : value[key]), object);

function save(name, blob) {
  const link = h("a", {href: URL.createObjectURL(blob), download: name.replace(/[^\w.-]+/g, "_").slice(0, 120)});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// A table of columns and rows as CSV, which opens in a spreadsheet without running anything.
function csvText(table) {
  const cell = value => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value !== "number" && /^[=+@\t\r-]/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };
  return [table.columns, ...table.rows].map(row => row.map(cell).join(",") + "\n").join("");
}

// Of so many columns a table on paper is; style.css has it too.
const PRINTED_COLUMNS = 14;

// What paper alone says of a wide table, below it.
const printedNote = count =>
  count > PRINTED_COLUMNS &&
  h(
    "p",
    {class: "soft printed"},
    `On paper the first ${PRINTED_COLUMNS} of ${count.toLocaleString("en")} columns; the page on a screen has all.`,
  );

// A table as an element; columns of numbers are aligned to the right.
function tableOf(columns, rows, caption) {
  const isNumeric = columns.map((_, i) => rows.some(row => isNumber(row[i])));
  const show = value =>
    value instanceof Node ? value : isNumber(value) ? exact(value) : short(String(value ?? ""), 120);
  return h(
    "div",
    {class: "scroll", tabindex: 0, role: "group", "aria-label": caption},
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          columns.map((name, i) => h("th", {scope: "col", class: isNumeric[i] && "number"}, short(String(name), 120))),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map(row =>
          h(
            "tr",
            null,
            row.map((value, i) => h("td", {class: isNumeric[i] && "number"}, show(value))),
          ),
        ),
      ),
    ),
    printedNote(columns.length),
  );
}

const theme = {
  button: document.getElementById("theme"),
  set(name) {
    document.documentElement.dataset.theme = name;
    theme.button.textContent = name === "dark" ? "Light" : "Dark";
    theme.button.setAttribute("aria-label", `Switch to ${name === "dark" ? "light" : "dark"} colours`);
    document.dispatchEvent(new Event("themed"));
  },
  init() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    theme.set(dark.matches ? "dark" : "light");
    dark.addEventListener("change", () => theme.set(dark.matches ? "dark" : "light"));
    theme.button.addEventListener("click", () =>
      theme.set(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
    );
    // Paper is light, and nothing on it can be opened.
    let before = null,
      closed = [];
    window.addEventListener("beforeprint", () => {
      before = document.documentElement.dataset.theme;
      theme.set("light");
      closed = [...document.querySelectorAll("details:not([open])")];
      closed.forEach(details => details.setAttribute("open", ""));
    });
    window.addEventListener("afterprint", () => {
      if (before) theme.set(before);
      closed.forEach(details => details.removeAttribute("open"));
    });
  },
};
