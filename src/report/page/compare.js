// Several runs: figures side by side, what differs between their configs, and curves over one another.

const MOST_COMPARED = 24;

// Names that tell the runs apart.
function runNames(runs) {
  const count = new Map();
  runs.forEach(run => count.set(run.name, (count.get(run.name) || 0) + 1));
  return runs.map(run => (count.get(run.name) > 1 ? run.path : run.name));
}

// Every value of a tree that is no object and no list of such, by its path.
function flatten(value, path = "", out = new Map()) {
  const inner = value !== null && typeof value === "object" && Object.entries(value);
  if (!inner || (Array.isArray(value) && value.every(v => v === null || typeof v !== "object")))
    out.set(path, asText(value));
  else inner.forEach(([key, v]) => flatten(v, path ? `${path}.${key}` : key, out));
  return out;
}

const SILENT = new Set([
  "comment",
  "training.threads",
  "training.checkpoint_seconds",
  "data.max_bytes",
  "data.max_line",
]);

// Names of layers follow from their types.
const isSilent = path => SILENT.has(path) || /^model\.layers\.\d+\.name$/.test(path);

// Paths that are not the same in all runs; "data" as a whole comes first, layers in their order.
function differences(runs) {
  const flat = runs.map(run => flatten(run.config || {}));
  const paths = [...new Set(flat.flatMap(f => [...f.keys()]))].filter(
    path => !isSilent(path) && flat.some(f => f.get(path) !== flat[0].get(path)),
  );
  return {paths, names: shortNames(paths), value: (i, path) => flat[i].get(path)};
}

// The figures that summaries have: ["validation", "loss"], …
function figuresOf(runs) {
  const found = new Map();
  for (const part of ["train", "validation", "test"])
    for (const run of runs)
      for (const metric of Object.keys(at(run, "summary", part) || {})) found.set(`${part}_${metric}`, [part, metric]);
  return [...found];
}

function drawCompareTable({runs}) {
  const names = runNames(runs),
    different = differences(runs),
    figures = figuresOf(runs);
  const columns = [
    "run",
    "state",
    ...figures.map(([name]) => name),
    ...different.names,
    "epochs",
    "time_s",
    "parameters",
  ];
  const rows = runs.map((run, i) => [
    names[i],
    STATE_WORDS[run.state] ? STATE_WORDS[run.state][0] : "not a whole run",
    ...figures.map(([, path]) => at(run, "summary", ...path) ?? null),
    ...different.paths.map(path => different.value(i, path) ?? "none"),
    ...["epochs", "time_s", "parameters"].map(key => at(run, "summary", key) ?? null),
  ]);
  const table = sortableTable(columns, rows, "Runs side by side");
  return [
    h(
      "p",
      {class: "soft"},
      different.paths.length > 0
        ? `Of the configs, the ${plural(different.paths.length, "value")} ` +
            `that differ${different.paths.length === 1 ? "s" : ""} ` +
            `${different.paths.length === 1 ? "is a column" : "are columns"}: ${different.paths
              .map(p => short(p, 60))
              .slice(0, 12)
              .join(", ")}${different.paths.length > 12 ? ", …" : "."}`
        : "Their configs say the same.",
    ),
    table,
    h(
      "div",
      {class: "controls"},
      h(
        "button",
        {type: "button", onclick: () => save("runs.csv", new Blob([csvText({columns, rows})], {type: "text/csv"}))},
        "Save as CSV",
      ),
    ),
  ];
}

// A table whose columns sort it.
function sortableTable(columns, rows, caption) {
  const numeric = columns.map(
    (_, k) => rows.some(row => isNumber(row[k])) && rows.every(row => row[k] === null || isNumber(row[k])),
  );
  const body = h("tbody"),
    order = d3.range(rows.length);
  let sorted = -1,
    down = false;
  const fill = () =>
    body.replaceChildren(
      ...order.map(i =>
        h(
          "tr",
          null,
          rows[i].map((value, k) =>
            k === 0
              ? h("th", {scope: "row"}, h("bdi", null, value))
              : h(
                  "td",
                  {class: numeric[k] && "number"},
                  numeric[k] ? (value === null ? "" : exact(value)) : h("bdi", {title: value}, short(exact(value), 48)),
                ),
          ),
        ),
      ),
    );
  const heads = columns.map((name, k) =>
    h(
      "th",
      {scope: "col", class: numeric[k] && "number", "aria-sort": "none"},
      h(
        "button",
        {
          type: "button",
          class: "sort",
          onclick: () => {
            down = sorted === k && !down;
            sorted = k;
            order.sort(
              (i, j) =>
                (rows[i][k] === null) - (rows[j][k] === null) ||
                (down ? -1 : 1) *
                  (numeric[k]
                    ? rows[i][k] - rows[j][k]
                    : String(rows[i][k]).localeCompare(String(rows[j][k]), "en", {numeric: true})) ||
                i - j,
            );
            heads.forEach((head, other) =>
              head.setAttribute("aria-sort", other !== k ? "none" : down ? "descending" : "ascending"),
            );
            fill();
          },
        },
        name,
      ),
    ),
  );
  fill();
  return h(
    "div",
    {class: "scroll", tabindex: 0, role: "group", "aria-label": caption},
    h("table", {class: "settings"}, h("thead", null, h("tr", null, heads)), body),
    printedNote(columns.length),
  );
}

// A figure for each metric, validation where there is some.
function drawCompareCurves({runs}) {
  const curved = runs.filter(run => at(run, "metrics", "rows") > 0),
    shown = curved.slice(0, MOST_COMPARED),
    names = runNames(shown),
    figures = [];
  const settings = curveControls(() => figures.forEach(f => f.redraw()));
  const columns = new Set(shown.flatMap(run => run.metrics.columns));
  for (const [metric, both] of curveGroups([...columns])) {
    for (const column of both) {
      // a run has one colour in all figures
      const series = shown.map((run, i) => ({label: names[i], points: columnOf(run, column)}));
      if (series.some(s => s.points.length > 0) && !series.every(s => s.points.every(p => p.y === 0)))
        figures.push(
          curveFigure({
            title: column.replace(/_/g, " "),
            name: `runs_${column}`,
            series,
            settings,
            wide: shown.length > 8,
          }),
        );
    }
  }
  return [
    shown.length < runs.length &&
      h(
        "p",
        {class: "soft"},
        shown.length < curved.length
          ? `Curves of the first ${shown.length} of ${curved.length} runs are drawn.`
          : `${plural(runs.length - curved.length, "run")} ended before the first epoch and ${runs.length - curved.length === 1 ? "has" : "have"} no curves.`,
      ),
    settings.element,
    h("div", {class: "figures"}, figures),
  ];
}
