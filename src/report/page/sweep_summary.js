// Of one sweep: what it found, why trials failed, and how to repeat it.

function drawSweepSummary(sweep) {
  const model = sweepModel(sweep), s = sweep.settings;
  const hasBest = model.count > 0 && isNumber(s.value[0]), tied = s.tied.filter(Boolean).length - (s.tied[0] ? 1 : 0);
  const repeats = [sweep.repeats > 1 && plural(sweep.repeats, "seed"), sweep.folds > 1 && plural(sweep.folds, "fold")].filter(Boolean);
  const diverged = d3.sum(s.diverged), seconds = d3.sum(sweep.runs.time_s.filter(isNumber));
  const words = [h("p", null, `${plural(model.count, "setting")}, chosen by ${asText(at(sweep, "section", "method") || "grid")}` +
    (repeats.length > 0 ? `, each over ${repeats.join(" and ")}` : "") + `: ${sweep.done.toLocaleString("en")} of ` +
    `${plural(sweep.trials, "trial")} have ended` + (diverged + sweep.failed > 0 ? `, ${diverged} diverged, ${sweep.failed} failed.` : "."))];
  if (hasBest)
    words.push(h("p", null, `The best ${sweep.metric} is `, h("b", null, scoreText(model, 0)), " with ", h("bdi", null, valuesText(model, 0)), ". ",
      tied > 0 ? `${plural(tied, "other setting")} ${tied === 1 ? "is" : "are"} within the noise of it (≈).` :
        s.count[0] > 1 ? "No other setting is within its noise." : "Each setting was tried once, so how certain that is cannot be said."));
  for (const p of sweep.parameters.filter(p => p.border))
    words.push(h("p", {class: "warm"}, `The best ${p.path} lies at the ${p.border} end of its range; widen it there.`));
  return [h("div", {class: "words"}, words), h("dl", {class: "tiles"},
    tile(`best ${sweep.metric}`, hasBest ? brief(s.value[0]) : "none", hasBest && exact(s.value[0])),
    tile("trials", `${sweep.done.toLocaleString("en")} of ${sweep.trials.toLocaleString("en")}`),
    tile("training", duration(seconds), "over all trials"), tile("goal", sweep.goal, sweep.metric))];
}

const tile = (name, value, small) => h("div", {class: "tile"}, h("dt", null, name), h("dd", null, value, small && h("small", null, small)));

// Reasons that differ in numbers only are one.
function drawSweepFailures(sweep) {
  const groups = new Map();
  for (const [trial, why] of sweep.errors) {
    const reason = why.replace(/\d+(\.\d+)?(e[-+]?\d+)?/g, "#");
    groups.set(reason, [...(groups.get(reason) || []), [trial, why]]);
  }
  const rows = [...groups.values()].sort((a, b) => b.length - a.length)
    .map(g => [g.length, g.slice(0, 8).map(([trial]) => trial).join(", ") + (g.length > 8 ? ", …" : ""), h("bdi", null, g[0][1])]);
  return [tableOf(["trials", "which", "why (of the first)"], rows, "Why trials have no value")];
}

function drawSweepRepeat(sweep) {
  const commands = [`chainrule runs ${sweep.path}`, `chainrule predict ${sweep.path}/best FILE`, `chainrule resume ${sweep.path}`];
  return [h("p", null, `The sweep began ${sweep.created}` + (sweep.overrides ? `, with ${sweep.overrides}` : "") +
    ". Its directory shows the table, predicts by the best model, and goes on:"),
    h("pre", {tabindex: 0}, commands.join("\n")),
    h("details", null, h("summary", null, "The config, with its section “sweep”"),
      h("pre", {tabindex: 0}, JSON.stringify(sweep.config, null, 2)))];
}
