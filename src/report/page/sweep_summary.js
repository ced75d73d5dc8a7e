// Of one sweep: what it found, why trials failed, and how to repeat it.

const SWEEP_METHODS = {
  grid: "on a grid",
  random: "drawn at random",
  halving: "drawn at random and thinned out by halving",
  asha: "drawn at random and thinned out without waiting (asha)",
  tpe: "drawn like those that had been good so far (Parzen estimators)",
};

// Overrides of the command line, "a=1 b=2" as ["a=1", "b=2"]; a value may hold spaces.
const overridesOf = sweep => (sweep.overrides ? sweep.overrides.split(/ (?=[\w.-]+=)/) : []);

// A value of the config, or what an override put in its place.
function configured(sweep, path) {
  const given = overridesOf(sweep).filter(word => word.startsWith(path + "="));
  return given.length > 0 ? given.pop().slice(path.length + 1) : at(sweep.config, ...path.split("."));
}

// What was trained on what, as far as the config says it, and what was varied.
function sweepTaskWords(sweep) {
  const target = [configured(sweep, "data.target")].flat().filter(t => typeof t === "string"),
    epochs = +configured(sweep, "training.epochs");
  const model = sweepModel(sweep);
  const varied = model.named.map(p => {
    const [low, high] = [p.distinct[0], p.distinct[p.distinct.length - 1]];
    if (p.distinct.length < 2) return named(p.name);
    return [
      named(p.name),
      p.numeric ? ` (${brief(low)} to ${brief(high)})` : ` (${plural(p.distinct.length, "choice")})`,
    ];
  });
  const others = model.parameters.length - model.named.length;
  return [
    "Each trial trains a network on ",
    h("bdi", null, fileNames({data: {train: configured(sweep, "data.train")}})),
    target.length > 0 ? [" to predict ", listed(target)] : "",
    epochs > 0 ? `, for at most ${plural(epochs, "epoch")}` : "",
    varied.length === 0
      ? "; nothing but the seed or the fold was varied."
      : ["; varied: ", joined(varied), others > 0 ? ` and ${others.toLocaleString("en")} more.` : "."],
  ];
}

// "the best …", where there is more than one setting to choose from.
function sweepBestWords(sweep) {
  const model = sweepModel(sweep),
    s = sweep.settings,
    tied = s.tied.filter(Boolean).length - (s.tied[0] ? 1 : 0);
  if (model.count === 1)
    return h(
      "p",
      null,
      "Its ",
      named(sweep.metric),
      " is ",
      h("b", null, scoreText(model, 0)),
      isNumber(s.deviation[0]) ? ` (mean ± standard deviation of ${plural(s.valued[0], "trial")}).` : ".",
    );
  return h(
    "p",
    null,
    "The best ",
    named(sweep.metric),
    " is ",
    h("b", null, scoreText(model, 0)),
    isNumber(s.deviation[0]) ? " (mean ± standard deviation) with " : " with ",
    valueWords(model, 0),
    ". ",
    tied > 0
      ? `${plural(tied, "other setting")} ${tied === 1 ? "is" : "are"} within the noise of it (≈).`
      : s.count[0] > 1
        ? "No other setting is within its noise."
        : "Each setting was tried once, so how certain that is cannot be said.",
  );
}

function drawSweepSummary(sweep) {
  const model = sweepModel(sweep),
    s = sweep.settings;
  const hasBest = model.count > 0 && isNumber(s.value[0]);
  const repeats = [
    sweep.repeats > 1 && plural(sweep.repeats, "seed"),
    sweep.folds > 1 && plural(sweep.folds, "fold"),
  ].filter(Boolean);
  const diverged = d3.sum(s.diverged),
    seconds = d3.sum(sweep.runs.time_s.filter(isNumber));
  const words = [
    h("p", null, sweepTaskWords(sweep)),
    h(
      "p",
      null,
      plural(model.count, "setting") +
        (model.count > 1 ? `, ${SWEEP_METHODS[at(sweep, "section", "method")] || "on a grid"}` : "") +
        (repeats.length > 0 ? `, each over ${repeats.join(" and ")}` : "") +
        `: ${sweep.done.toLocaleString("en")} of ` +
        `${plural(sweep.trials, "trial")} have ended` +
        (diverged + sweep.failed > 0 ? `, ${diverged} diverged, ${sweep.failed} failed.` : "."),
    ),
  ];
  if (hasBest) words.push(sweepBestWords(sweep));
  for (const p of model.shown.filter(p => p.border))
    words.push(
      h("p", {class: "warm"}, "The best ", named(p.path), ` lies at the ${p.border} end of its range; widen it there.`),
    );
  return [
    h("div", {class: "words"}, words),
    h(
      "dl",
      {class: "tiles"},
      tile(["best ", named(sweep.metric)], hasBest ? brief(s.value[0]) : "none", hasBest && exact(s.value[0])),
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

// Which settings these methods make depends on which trials have ended.
const ORDERED_METHODS = new Set(["tpe", "asha"]);

// The command that trains the first trial of the best setting alone, to the same value; with folds there is none.
function bestCommand(sweep, file) {
  const trials = d3.range(sweep.runs.trial.length).filter(k => sweep.runs.place[k] === 0),
    first = trials.sort((a, b) => sweep.runs.trial[a] - sweep.runs.trial[b])[0];
  if (!hasValues(sweep) || first === undefined || sweep.folds > 1 || !isNumber(sweep.runs.value[first])) return [];
  const settings = sweep.parameters.map((p, k) => {
    const value = sweep.values[k][0];
    return quoteShell(`${p.path}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  });
  const seed = sweep.parameters.some(p => p.path === "seed") ? [] : [`seed=${sweep.runs.seed[first]}`],
    given = overridesOf(sweep).map(quoteShell);
  return [
    [
      ["chainrule train", file, ...given, "sweep=null training.threads=1", ...settings, ...seed, "-o best"].join(" "),
      `the best setting alone: ${sweep.metric} ${exact(sweep.runs.value[first])}, as its trial ${sweep.runs.trial[first]}`,
    ],
  ];
}

function drawSweepRepeat(sweep) {
  const path = quoteShell(sweep.path),
    config = JSON.stringify(sweep.config, null, 2),
    file = `${sweep.name}.json`.replace(/[^\w.-]+/g, "_");
  const commands = [
    [
      ["chainrule sweep", file, ...overridesOf(sweep).map(quoteShell), "-o again"].join(" "),
      `all of it again, from the config that the button saves as ${file}; ${dataWords(sweep.config)}` +
        (ORDERED_METHODS.has(at(sweep, "section", "method"))
          ? "; which settings there are depends on the order in which trials end, but for -j 1"
          : ""),
    ],
    ...bestCommand(sweep, file),
    [`chainrule runs ${path}`, "with its directory at hand: the whole table"],
    [`chainrule predict ${quoteShell(sweep.path + "/best")} FILE`, "predictions by the best model"],
    ...(sweep.state === "completed" ? [] : [[`chainrule resume ${path}`, "goes on with the trials that are left"]]),
  ];
  return [
    h("p", null, `It began on ${sweep.created.replace("T", " at ").replace("Z", " UTC")}.`),
    commandList(commands),
    h("details", null, h("summary", null, "The config, with its section “sweep”"), configText(config, file)),
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
        title: places.length === 1 ? "The setting" : `The best ${places.length} settings by rank`,
        wide: true,
        name: `${sweep.name}_best`,
        draw,
        table,
        note:
          "A point is a trial of a seed or fold, the mark their mean, the bar ± one standard deviation." +
          (places.some(i => i > 0 && s.tied[i]) ? " ≈: within the noise of the first, seed by seed." : ""),
      }),
    ),
    places.length > 1 &&
      tableOf(
        ["rank", model.metric, "setting"],
        places.map(i => [label(i), scoreText(model, i), h("span", null, valueWords(model, i))]),
        "The best settings",
      ),
  ];
}
