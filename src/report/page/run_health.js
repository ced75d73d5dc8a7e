// Health per layer, where it was logged: a figure for each kind, a curve for each layer.

const HEALTH_WORDS = {
  gradient_norm:
    "The norm of the loss's gradient with respect to the layer's parameters: near 0 it learns nothing, growing without end it diverges.",
  update_ratio: "The norm of an update over that of the parameters; about 0.001 is usual.",
  dead: "The share of units that are 0 for every example that is looked at, and so do not learn.",
  saturated: "The share of outputs so close to their limits that hardly any gradient passes.",
  violations: "Violated margins an example, of all other classes.",
};

const healthColumns = run => (at(run, "metrics", "columns") || []).filter(name => name.includes("."));

function drawHealth(run) {
  const figures = [],
    settings = curveControls(() => figures.forEach(f => f.redraw())),
    kinds = new Map();
  for (const name of healthColumns(run)) {
    const [layer, kind] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
    kinds.set(kind, [...(kinds.get(kind) || []), {label: layer, points: columnOf(run, name)}]);
  }
  for (const [kind, series] of kinds)
    figures.push(
      curveFigure({
        title: kind.replace(/_/g, " "),
        note: HEALTH_WORDS[kind],
        name: `${run.name}_${kind}`,
        series: series.filter(s => s.points.length > 0),
        settings,
      }),
    );
  return [settings.element, h("div", {class: "figures"}, figures)];
}
