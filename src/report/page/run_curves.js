// Of one run: how loss and metrics went.

const CURVES_OWN = new Set(["epoch", "step", "time_s", "learning_rate", "parameters_crc32"]);

// Columns that are of a part, by metric: {"loss": ["train_loss", "validation_loss"]}; others stand alone.
function curveGroups(columns) {
  const groups = new Map();
  for (const name of columns.filter(c => !CURVES_OWN.has(c) && !c.includes("."))) {
    const [, part, metric] = /^(train|validation)_(.*)$/.exec(name) || [null, null, name];
    const group = part ? metric : name;
    groups.set(group, [...(groups.get(group) || []), name]);
  }
  return groups;
}

function drawRunCurves(run) {
  const figures = [],
    settings = curveControls(() => figures.forEach(f => f.redraw()));
  const best = at(run, "summary", "best", "epoch");
  for (const [metric, columns] of curveGroups(run.metrics.columns)) {
    const series = columns
      .map(name => ({
        label: name.replace("_" + metric, ""),
        points: columnOf(run, name),
        best: name.startsWith("validation") ? best : undefined,
      }))
      .filter(s => s.points.length > 0);
    if (series.length > 0 && !(columns.length === 1 && series[0].points.every(p => p.y === 0)))
      figures.push(curveFigure({title: metric.replace(/_/g, " "), name: `${run.name}_${metric}`, series, settings}));
  }
  const rate = columnOf(run, "learning_rate");
  if (rate.some(p => p.y !== rate[0].y))
    figures.push(
      curveFigure({
        title: "learning rate",
        name: `${run.name}_learning_rate`,
        series: [{label: "learning rate", points: rate}],
        settings,
      }),
    );
  return [h("p", {class: "soft"}, curvesNote(run, best)), settings.element, h("div", {class: "figures"}, figures)];
}

function curvesNote(run, best) {
  const kept = run.metrics.values[0] ? run.metrics.values[0].length : 0;
  const rates = columnOf(run, "learning_rate");
  return (
    "Training figures are means over an epoch's own batches" +
    (columnOf(run, "validation_loss").length > 0 ? ", validation figures are of the model after the epoch." : ".") +
    (isNumber(best)
      ? ` The best epoch by ${(Object.keys(at(run, "summary", "best") || {}).find(k => k !== "epoch") || "the validation part").replace(/_/g, " ")} was ${best}.`
      : "") +
    (rates.length > 0 && rates.every(p => p.y === rates[0].y)
      ? ` The learning rate was ${exact(rates[0].y)} throughout.`
      : "") +
    (kept < run.metrics.rows
      ? ` ${kept.toLocaleString("en")} of ${run.metrics.rows.toLocaleString("en")} epochs are drawn, at equal distances.`
      : "")
  );
}
