// Class by class (or label by label): figures, the curves of thresholds, calibration.

function drawClasses(run) {
  const list = (run.classes || run.values).list,
    curved = list.filter(c => at(c, "curves", "recall"));
  const columns = ["class", "examples", "precision", "recall", "F1", ...(curved.length > 0 ? ["ROC AUC"] : [])];
  const rows = () =>
    list.map(c => [
      c.name,
      c.examples,
      c.precision,
      c.recall,
      c.f1,
      ...(curved.length > 0 ? [at(c, "curves", "auc") ?? null] : []),
    ]);
  const figures = [classDots(run, list, columns, rows)];
  const thresholds = curved.length > 0 ? thresholdFigures(run, curved) : {figures: []};
  figures.push(...thresholds.figures);
  if (at(run, "classes", "calibration")) figures.push(calibrationFigure(run));
  return [
    h("p", {class: "soft"}, examplesWords(run)),
    thresholds.pick,
    h("div", {class: "figures"}, figures),
    h(
      "details",
      null,
      h("summary", null, "The same as a table"),
      tableOf(
        columns,
        rows().map(row => row.map(v => (isNumber(v) && !Number.isInteger(v) ? +v.toPrecision(6) : v))),
        "Figures by class",
      ),
    ),
  ];
}

function classDots(run, list, columns, rows) {
  const worst = list.length > 40 ? [...list].sort((a, b) => a.f1 - b.f1).slice(0, 40) : list;
  const note =
    list.length > 40
      ? `The 40 of ${list.length} with the lowest F1.`
      : "A dot is precision (of what is taken for a class, how much is of it), a ring recall (of a class, how much is found).";
  const draw = width => {
    const left = Math.min(130, 14 + 7.2 * Math.min(16, Math.max(...worst.map(c => c.name.length)))),
      height = worst.length * 22 + 52;
    const y = d3
        .scalePoint()
        .domain(worst.map((_, i) => worst.length - 1 - i))
        .padding(0.6),
      low = Math.min(
        0.9,
        d3.min(worst, c => Math.min(c.precision, c.recall)),
      );
    const {svg, x} = axes({
      width,
      height,
      x: d3.scaleLinear().domain([low - 0.03 * (1 - low), 1]), // so that no ring lies on a name
      y,
      left,
      right: 18,
      label: `Precision and recall of ${worst.length} classes`,
      xFormat: ".0%",
      yFormat: i => short(worst[i].name, 16),
    });
    worst.forEach((c, i) => {
      const row = svg.append("g");
      row
        .append("title")
        .text(
          `${c.name}: precision ${exact(c.precision)}, recall ${exact(c.recall)}, ${plural(c.examples, "example")}`,
        );
      row.append("line").attrs({x1: x(c.precision), x2: x(c.recall), y1: y(i), y2: y(i), stroke: "var(--soft)"});
      row.append("circle").attrs({cx: x(c.precision), cy: y(i), r: 4.5, fill: "var(--s1)"});
      row
        .append("circle")
        .attrs({cx: x(c.recall), cy: y(i), r: 5, fill: "none", stroke: "var(--s0)", "stroke-width": 2.5});
    });
    return svg.node();
  };
  return figure({
    title: "Precision and recall",
    tall: worst.length > 12,
    note,
    name: `${run.name}_classes`,
    draw,
    table: () => ({columns, rows: rows()}),
  });
}

// ROC, and precision over recall: one class is chosen, the others stay behind it.
function thresholdFigures(run, curved) {
  let chosen =
    curved.length === 1
      ? 0
      : curved.indexOf(curved.reduce((a, b) => (at(b, "curves", "auc") < at(a, "curves", "auc") ? b : a)));
  const figures = [];
  const pick =
    curved.length > 1 &&
    h(
      "div",
      {class: "controls"},
      h(
        "label",
        null,
        run.classes ? "Class of the curves" : "Label of the curves",
        h(
          "select",
          {
            onchange: event => {
              chosen = +event.target.value;
              figures.forEach(f => f.redraw());
            },
          },
          curved.map((c, i) => h("option", {value: i, selected: i === chosen}, short(c.name, 40))),
        ),
      ),
    );
  const add = (title, words, xOf, yOf, xLabel, yLabel, area, corner) =>
    figures.push(
      figure({
        title,
        note: words,
        name: `${run.name}_${title.replace(/\W+/g, "_")}`,
        draw: width => {
          const {svg, x, y, inner} = axes({
            width,
            x: d3.scaleLinear().domain([-0.01, 1.01]),
            y: d3.scaleLinear().domain([0, 1.01]),
            label: `${title} of ${curved[chosen].name}`,
            xLabel,
            yLabel,
            left: 44,
            top: 24,
          });
          const line = (c, own) =>
            inner.append("path").attrs({
              class: "curve",
              d: d3.line()(yOf(c).map((v, i) => [x(xOf(c)[i]), y(v)])),
              stroke: own ? "var(--s1)" : "var(--soft)",
              "stroke-opacity": own ? 1 : 0.35,
              "stroke-width": own ? 2.2 : 1,
            });
          curved.forEach((c, i) => i !== chosen && line(c.curves, false));
          line(curved[chosen].curves, true);
          svg
            .append("text")
            .attrs({...corner(width), y: 186})
            .text(short(curved[chosen].name, 30));
          svg
            .append("text")
            .attrs({...corner(width), class: "soft over", y: 202})
            .text(`${area[0]} ${brief(curved[chosen].curves[area[1]])}`);
          return svg.node();
        },
        table: () => ({
          columns: ["class", xLabel, yLabel],
          rows: curved.flatMap(c => yOf(c.curves).map((v, i) => [c.name, xOf(c.curves)[i], v])),
        }),
      }),
    );
  add(
    "ROC curve",
    "What is found of a class (recall), by what of the others is taken for it.",
    c => c.false_positives,
    c => c.recall,
    "share of the others that is taken for it",
    "recall",
    ["area", "auc"],
    width => ({class: "over", x: width - 22, "text-anchor": "end"}),
  );
  add(
    "Precision over recall",
    "How much of what is taken for a class is of it, by how much of it is found.",
    c => c.recall,
    c => c.precision,
    "recall",
    "precision",
    ["average", "average_precision"],
    () => ({class: "over", x: 56}),
  );
  return {figures, pick};
}

function calibrationFigure(run) {
  const bins = run.classes.calibration
    .filter(([count]) => count > 0)
    .map(([count, confidence, right]) => ({count, confidence, right}));
  const most = d3.max(bins, b => b.count);
  const draw = width => {
    const low = Math.min(
      0.9,
      d3.min(bins, b => Math.min(b.confidence, b.right)),
    );
    const {svg, x, y, inner} = axes({
      width,
      x: d3.scaleLinear().domain([Math.floor(low * 10) / 10, 1.01]),
      y: d3.scaleLinear().domain([Math.floor(low * 10) / 10, 1.02]),
      xLabel: "how sure it is",
      yLabel: "share that is right",
      top: 24,
      left: 44,
      right: 20,
      xFormat: ".0%",
      yFormat: ".0%",
      label: "Calibration: the share that is right by how sure the model is",
    });
    inner.append("line").attrs({class: "rule", x1: x(0), y1: y(0), x2: x(1), y2: y(1)});
    inner
      .append("path")
      .attrs({class: "curve", stroke: "var(--s1)", d: d3.line()(bins.map(b => [x(b.confidence), y(b.right)]))});
    bins.forEach(b =>
      svg
        .append("circle")
        .attrs({
          cx: x(b.confidence),
          cy: y(b.right),
          r: 3 + 6 * Math.sqrt(b.count / most),
          fill: "var(--s1)",
          "fill-opacity": 0.75,
        })
        .append("title")
        .text(`${plural(b.count, "example")}: ${percent(b.confidence)} sure, ${percent(b.right)} right`),
    );
    return svg.node();
  };
  return figure({
    title: "Calibration",
    note: "Of examples of which it is so sure, so many are right. On the dotted line it is as good as it says; below it, too sure. Larger dots are more examples.",
    name: `${run.name}_calibration`,
    draw,
    table: () => ({
      columns: ["examples", "mean probability", "share right"],
      rows: bins.map(b => [b.count, b.confidence, b.right]),
    }),
  });
}
