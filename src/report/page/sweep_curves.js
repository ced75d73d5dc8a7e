// Of one sweep: how trials learned, and how halving chose.

function drawSweepCurves(sweep) {
  const model = sweepModel(sweep),
    c = sweep.curves,
    log = c.levels[0].every(v => !isNumber(v) || v > 0) && d3.max(c.levels.flat()) / d3.min(c.levels.flat()) > 30;
  // of the first quarter of the epochs only the best count, or else there was room for nothing but how all begin
  const later = c.levels.flatMap(level => level.slice(Math.floor(c.epochs.length / 4))),
    values = [...later, ...c.best.flatMap(b => b.values)].filter(isNumber);
  const draw = width => {
    const [low, high] = d3.extent(values);
    const {svg, x, y, inner} = axes({
      width,
      height: 320,
      left: 62,
      top: 24,
      x: d3.scaleLinear().domain([c.epochs[0], Math.max(c.epochs[c.epochs.length - 1], c.epochs[0] + 1)]),
      y: (log ? d3.scaleLog() : d3.scaleLinear()).domain(
        low === high ? [low * 0.9 - 1e-9, high * 1.1 + 1e-9] : [low, high],
      ),
      yFormat: log ? "~g" : undefined,
      xLabel: "epoch",
      yLabel: c.metric,
      label: `${c.metric} by epoch: the best ${c.best.length} over ${c.trials} trials`,
    });
    const band = (lower, upper, opacity) =>
      inner
        .append("path")
        .attr("fill", "var(--soft)")
        .attr("fill-opacity", opacity)
        .attr(
          "d",
          d3
            .area()
            .defined((_, i) => isNumber(lower[i]) && isNumber(upper[i]))
            .x((_, i) => x(c.epochs[i]))
            .y0((_, i) => y(lower[i]))
            .y1((_, i) => y(upper[i]))(c.epochs),
        );
    band(c.levels[0], c.levels[4], 0.14);
    band(c.levels[1], c.levels[3], 0.2);
    const line = list =>
      d3
        .line()
        .defined((_, i) => isNumber(list[i]))
        .x((_, i) => x(c.epochs[i]))
        .y((_, i) => y(list[i]))(c.epochs);
    inner
      .append("path")
      .attr("class", "curve")
      .attr("stroke", "var(--soft)")
      .attr("stroke-dasharray", "2 3")
      .attr("d", line(c.levels[2]));
    c.best
      .slice()
      .reverse()
      .forEach((b, k) =>
        inner
          .append("path")
          .attr("class", "curve")
          .attr("stroke", seriesColour(c.best.length - 1 - k))
          .attr("stroke-dasharray", seriesDash(c.best.length - 1 - k))
          .attr("d", line(b.values)),
      );
    return svg.node();
  };
  const keys = h(
    "p",
    {class: "readout"},
    c.best.map((b, i) => key(i, `rank ${b.place + 1}, trial ${b.trial}`)),
  );
  const table = () => ({
    columns: ["epoch", ...c.best.map(b => `trial ${b.trial}`), ...c.shares.map(q => `${100 * q} % of all are below`)],
    rows: c.epochs.map((epoch, i) => [epoch, ...c.best.map(b => b.values[i]), ...c.levels.map(l => l[i])]),
  });
  return [
    h(
      "div",
      {class: "figures"},
      figure({
        title: `${c.metric} by epoch`,
        wide: true,
        above: keys,
        draw,
        table,
        name: `${sweep.name}_curves`,
        note:
          `The best settings' best trials; the shade holds nine tenths and half of ${c.all ? "all" : "the first"} ${plural(c.trials, "trial")}, ` +
          "the dotted line is their median. Those that begin far from the best do so beyond the frame.",
      }),
    ),
  ];
}

function drawSweepRungs(sweep) {
  const model = sweepModel(sweep),
    rungs = d3
      .nest()
      .key(r => r[1])
      .sortKeys((a, b) => a - b)
      .entries(sweep.rungs)
      .map(e => e.values);
  const best = model.maximize ? d3.max : d3.min,
    valued = list => list.map(r => r[3]).filter(isNumber);
  const rows = rungs.map((list, k) => [
    k + 1,
    d3.max(list, r => r[2]),
    list.length,
    rungs[k + 1] ? rungs[k + 1].length : null,
    best(valued(list)) ?? null,
    d3.median(valued(list)) ?? null,
  ]);
  const trials = d3
    .nest()
    .key(r => r[0])
    .entries(sweep.rungs)
    .map(e => e.values.filter(r => isNumber(r[3])));
  const column = metricColumn({...model, value: sweep.rungs.map(r => r[3])});
  const draw = width => {
    const epochs = d3.extent(sweep.rungs, r => r[2]);
    const {svg, x, y, inner} = axes({
      width,
      left: 62,
      top: 24,
      x: (epochs[0] > 0 ? d3.scaleLog() : d3.scaleLinear()).domain(
        [epochs[0] * 0.93, epochs[1] * 1.07], // so that no point is cut at an end
      ),
      y: metricScale(column),
      xValues: rows.map(row => row[1]),
      xFormat: String,
      yFormat: column.log ? "~g" : undefined,
      xLabel: "epochs",
      yLabel: model.metric,
      label: `${model.metric} after each rung`,
    });
    const line = list =>
      d3
        .line()
        .x(r => x(r[2]))
        .y(r => y(r[3]))(list);
    const add = (chosen, stroke, opacity, size) =>
      inner
        .append("path")
        .attr("class", "curve points")
        .attr("stroke", stroke)
        .attr("stroke-opacity", opacity)
        .attr("stroke-width", size)
        .attr(
          "d",
          chosen.map(list => (list.length > 1 ? line(list) : pointsPath(list.map(r => [x(r[2]), y(r[3])])))).join(""),
        );
    add(
      trials.filter(t => t.length < rungs.length && t.length > 0),
      "var(--soft)",
      0.4,
      1.5,
    );
    add(
      trials.filter(t => t.length === rungs.length),
      "var(--s0)",
      0.9,
      2,
    );
    return svg.node();
  };
  return [
    tableOf(["rung", "up to epoch", "trials", "went on", `best ${model.metric}`, "median"], rows, "Rungs"),
    h(
      "div",
      {class: "figures"},
      figure({
        title: `${model.metric} after each rung`,
        wide: true,
        name: `${sweep.name}_rungs`,
        draw,
        note: "A line is a trial; those that reached the last rung are strong.",
        table: () => ({columns: ["trial", "rung", "epochs", model.metric], rows: sweep.rungs}),
      }),
    ),
  ];
}
