// Of one sweep: what it found, why trials failed, and how to repeat it.

const SWEEP_METHODS = {random: "drawn at random", halving: "thinned out by halving"};

function drawSweepSummary(sweep) {
  const model = sweepModel(sweep),
    s = sweep.settings;
  const hasBest = model.count > 0 && isNumber(s.value[0]),
    tied = s.tied.filter(Boolean).length - (s.tied[0] ? 1 : 0);
  const repeats = [
    sweep.repeats > 1 && plural(sweep.repeats, "seed"),
    sweep.folds > 1 && plural(sweep.folds, "fold"),
  ].filter(Boolean);
  const diverged = d3.sum(s.diverged),
    seconds = d3.sum(sweep.runs.time_s.filter(isNumber));
  const words = [
    h(
      "p",
      null,
      `${plural(model.count, "setting")}, ${SWEEP_METHODS[at(sweep, "section", "method")] || "on a grid"}` +
        (repeats.length > 0 ? `, each over ${repeats.join(" and ")}` : "") +
        `: ${sweep.done.toLocaleString("en")} of ` +
        `${plural(sweep.trials, "trial")} have ended` +
        (diverged + sweep.failed > 0 ? `, ${diverged} diverged, ${sweep.failed} failed.` : "."),
    ),
  ];
  if (hasBest)
    words.push(
      h(
        "p",
        null,
        `The best ${sweep.metric} is `,
        h("b", null, scoreText(model, 0)),
        " with ",
        h("bdi", null, valuesText(model, 0)),
        ". ",
        tied > 0
          ? `${plural(tied, "other setting")} ${tied === 1 ? "is" : "are"} within the noise of it (≈).`
          : s.count[0] > 1
            ? "No other setting is within its noise."
            : "Each setting was tried once, so how certain that is cannot be said.",
      ),
    );
  for (const p of sweep.parameters.filter(p => p.border))
    words.push(h("p", {class: "warm"}, `The best ${p.path} lies at the ${p.border} end of its range; widen it there.`));
  return [
    h("div", {class: "words"}, words),
    h(
      "dl",
      {class: "tiles"},
      tile(`best ${sweep.metric}`, hasBest ? brief(s.value[0]) : "none", hasBest && exact(s.value[0])),
      tile("trials", `${sweep.done.toLocaleString("en")} of ${sweep.trials.toLocaleString("en")}`),
      tile("training", duration(seconds), "over all trials"),
      tile("goal", sweep.goal, sweep.metric),
    ),
  ];
}

const tile = (name, value, small) =>
  h("div", {class: "tile"}, h("dt", null, name), h("dd", null, value, small && h("small", null, small)));

// Reasons that differ in numbers only are one.
function drawSweepFailures(sweep) {
  const groups = new Map();
  for (const [trial, why] of sweep.errors) {
    const reason = why.replace(/\d+(\.\d+)?(e[-+]?\d+)?/g, "#");
    groups.set(reason, [...(groups.get(reason) || []), [trial, why]]);
  }
  const rows = [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map(g => [
      g.length,
      g
        .slice(0, 8)
        .map(([trial]) => trial)
        .join(", ") + (g.length > 8 ? ", …" : ""),
      h("bdi", null, g[0][1]),
    ]);
  return [tableOf(["trials", "which", "why (of the first)"], rows, "Why trials have no value")];
}

function drawSweepRepeat(sweep) {
  const commands = [
    `chainrule runs ${sweep.path}`,
    `chainrule predict ${sweep.path}/best FILE`,
    `chainrule resume ${sweep.path}`,
  ];
  return [
    h(
      "p",
      null,
      `The sweep began ${sweep.created}` +
        (sweep.overrides ? `, with ${sweep.overrides}` : "") +
        ". Its directory shows the table, predicts by the best model, and goes on:",
    ),
    h("pre", {tabindex: 0}, commands.join("\n")),
    h(
      "details",
      null,
      h("summary", null, "The config, with its section “sweep”"),
      h("pre", {tabindex: 0}, JSON.stringify(sweep.config, null, 2)),
    ),
  ];
}

// The best settings with their trials, and mean ± standard deviation: what lies within one another's is not told apart.
function drawSweepBest(sweep) {
  const model = sweepModel(sweep),
    s = sweep.settings,
    places = d3
      .range(model.count)
      .filter(i => isNumber(s.value[i]))
      .slice(0, 12);
  const trials = new Map(places.map(i => [i, []]));
  sweep.runs.place.forEach(
    (place, k) => trials.has(place) && isNumber(sweep.runs.value[k]) && trials.get(place).push(sweep.runs.value[k]),
  );
  const ends = places.flatMap(i => [
    ...trials.get(i),
    s.value[i] - (s.deviation[i] || 0),
    s.value[i] + (s.deviation[i] || 0),
  ]);
  const label = i => `${i + 1}${s.tied[i] && i > 0 ? " ≈" : ""}`;
  const draw = width => {
    const [low, high] = d3.extent(ends),
      rows = d3.scalePoint().domain(places.map(label)).padding(0.6);
    const {svg, x, y, inner} = axes({
      width,
      height: 50 + 26 * places.length,
      left: 40,
      right: 26,
      y: rows,
      xLabel: model.metric,
      x: d3
        .scaleLinear()
        .domain(low === high ? [low - 1e-9, high + 1e-9] : [low, high])
        .nice(5),
      label: `${model.metric} of the best ${places.length} settings over their trials`,
    });
    rows.range(rows.range().reverse()); // the best on top
    svg
      .selectAll(".axis")
      .filter((_, i) => i === 1)
      .selectAll(".tick")
      .attr("transform", t => `translate(0,${y(t)})`);
    for (const i of places) {
      const at = y(label(i));
      if (isNumber(s.deviation[i]))
        inner
          .append("path")
          .attr("class", "curve")
          .attr("stroke", "var(--s1)")
          .attr("stroke-width", 5)
          .attr("stroke-opacity", 0.35)
          .attr("d", `M${x(s.value[i] - s.deviation[i])},${at}H${x(s.value[i] + s.deviation[i])}`);
      inner
        .append("path")
        .attr("class", "points")
        .attr("stroke", "var(--s1)")
        .attr("stroke-width", 6)
        .attr("d", pointsPath(trials.get(i).map(v => [x(v), at])));
      inner
        .append("path")
        .attr("class", "curve")
        .attr("stroke", "var(--s0)")
        .attr("stroke-width", 3)
        .attr("d", `M${x(s.value[i])},${at - 8}v16`);
    }
    return svg.node();
  };
  const table = () => ({
    columns: ["rank", model.metric, "standard deviation", "trials", ...model.parameters.map(p => p.path)],
    rows: places.map(i => [i + 1, s.value[i], s.deviation[i], s.count[i], ...model.parameters.map(p => p.values[i])]),
  });
  return [
    h(
      "div",
      {class: "figures"},
      figure({
        title: `The best ${places.length} settings by rank`,
        wide: true,
        name: `${sweep.name}_best`,
        draw,
        table,
        note:
          "A point is a trial of a seed or fold, the mark their mean, the bar ± one standard deviation. " +
          "≈: within the noise of the first, seed by seed.",
      }),
    ),
    tableOf(
      ["rank", model.metric, "setting"],
      places.map(i => [label(i), scoreText(model, i, exact), h("bdi", null, valuesText(model, i))]),
      "The best settings",
    ),
  ];
}
