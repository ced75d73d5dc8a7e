// The first lines of a run's page: what was done, how it ended, how good it is, where it fails.

const PART_WORDS = {train: "training", validation: "validation", test: "test"};

function fileNames(config) {
  const source = at(config, "data", "train"),
    names = [];
  const visit = (value, parts) => {
    if (typeof value === "string") names.push(value.split("/").filter(Boolean).slice(-parts).join("/"));
    else if (value && typeof value === "object")
      Object.entries(value).forEach(([key, v]) => visit(v, key === "folder" ? 2 : parts));
  };
  visit(source, 1);
  return names.length > 0 ? names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "") : "its data";
}

const listed = (names, most = 3) =>
  joined([...names.slice(0, most).map(name => quoted(name)), ...(names.length > most ? ["…"] : [])]);

// Sentences are texts, or lists of such and of elements.
function taskWords(run) {
  const d = run.data,
    target = d.targets && d.targets.length > 0 ? [" of ", listed(d.targets)] : [];
  const names = d.classes && d.class_count <= 4 ? [" (", listed(d.classes, 4), ")"] : [];
  if (d.kind === "classes") return [`to tell ${plural(d.class_count, "class", "classes")}`, target, " apart", names];
  return d.kind === "labels"
    ? ["to give each example its labels (", listed(d.targets, 6), ")"]
    : ["to predict ", d.targets && d.targets.length > 0 ? listed(d.targets, 6) : "numbers"];
}

function setWords(run) {
  const parts = at(run, "data", "parts") || {},
    layers = at(run, "network", "layers"),
    files = h("bdi", null, fileNames(run.config));
  const sizes = Object.entries(parts).map(
    ([part, count]) =>
      `${count.toLocaleString("en")} ${part === "train" ? "to train on" : part === "test" ? "to test" : "to validate"}`,
  );
  const network = layers
    ? `A network of ${plural(layers.length, "layer")} with ${plural(run.network.parameters, "parameter")}`
    : "A network";
  if (!run.data) return [`${network} was to learn from `, files, "."];
  const shape =
    run.data.shape.length === 3 ? run.data.shape.slice(1).join(" × ") + " pixels" : plural(run.data.inputs, "input");
  if (sizes.length === 0) return [`${network} has learned `, taskWords(run), `, from examples of ${shape}.`];
  const all = Object.values(parts).reduce((a, b) => a + b, 0);
  return [
    `${network} learned from `,
    files,
    " ",
    taskWords(run),
    `: ${plural(all, "example")} (${sizes.join(", ")}) of ${shape}.`,
  ];
}

// Why it ended before its last epoch, where the figures show it.
function stopWords(run, done) {
  const stop = at(run, "config", "early_stopping"),
    best = at(run, "summary", "best", "epoch");
  if (!stop || done - best !== stop.patience + 1) return "nothing had become better for a while, or the time was up.";
  return [
    named(String(stop.monitor).replace(/_/g, " ")),
    ` had not become better for ${plural(done - best, "epoch")}.`,
    stop.restore_best ? ` The model is that of epoch ${best}.` : "",
  ];
}

function endWords(run) {
  const s = run.summary || {},
    wanted = at(run, "config", "training", "epochs"),
    rate = at(run, "config", "optimizer", "learning_rate"),
    done = s.epochs ?? at(run, "metrics", "rows") ?? 0;
  const epochs = `${done.toLocaleString("en")} of ${plural(wanted ?? done, "epoch")}`;
  const time = isNumber(s.time_s) ? `, in ${duration(s.time_s)}` : "";
  const when =
    done === 0 && s.steps > 0
      ? `in the first of ${plural(wanted ?? 1, "epoch")}, after ${plural(s.steps, "step")}`
      : `after ${epochs}`;
  if (s.steps === 0) return "It was not trained here, but imported.";
  return (
    {
      completed: `Training completed after ${plural(done, "epoch")}${time}.`,
      stopped_early: [`Training stopped early, after ${epochs}${time}: `, stopWords(run, done)],
      diverged:
        `Training diverged ${when}: the loss became infinite or no number. ` +
        `A lower learning rate ${isNumber(rate) ? `than ${brief(rate)} ` : ""}usually helps.`,
      interrupted: `Training was interrupted ${when}; chainrule resume goes on with it.`,
      running: `Training is going on; this page shows the first ${epochs}.`,
    }[run.state] || `${epochs} are there.`
  );
}

// Whether the figures are of some of the examples alone.
const isSampled = run => at(run, "figures", "examples") < at(run, "figures", "of");

// Figures of a part: the summary's, or else, of a run that was interrupted, those that the page is of.
function partFigures(run, part) {
  const told = at(run, "summary", part);
  if (told) return {...told, examples: at(run, "data", "parts", part)};
  if (at(run, "data", "on") !== part || !run.figures) return undefined;
  return {...Object.fromEntries(run.figures.metrics.map(m => [m.name, m.value])), examples: run.figures.examples};
}

// Those of the training part after the last epoch, where nothing better is known.
function trainFigures(run) {
  const last = name => (columnOf(run, name).pop() || {}).y;
  const [accuracy, rmse] = [last("train_accuracy"), last("train_rmse")];
  return partFigures(run, "train") || (isNumber(accuracy) || isNumber(rmse) ? {accuracy, rmse} : undefined);
}

// The part that says most of how good the model is, and its figures.
function judgedOn(run) {
  const part = ["test", "validation", "train"].find(name => partFigures(run, name));
  return [part, part && partFigures(run, part)];
}

function qualityWords(run) {
  const [part, figures] = judgedOn(run);
  if (!part) return null;
  const examples = figures.examples,
    of = isNumber(examples) ? ` of ${plural(examples, "example")}` : "";
  if (isNumber(figures.accuracy)) {
    const often =
      at(run, "classes", "list") && run.data.on === part
        ? Math.max(...run.classes.list.map(c => c.examples)) / run.figures.examples
        : null;
    return (
      `On the ${PART_WORDS[part]} part ${percent(figures.accuracy)}${of} ${run.data && run.data.kind === "labels" ? "(counted by label) " : ""}are right` +
      (often
        ? `; always naming the most common class would give ${isSampled(run) ? "about " : ""}${percent(often)}.`
        : ".") +
      (often && figures.accuracy < 1.05 * often ? " It has learned little so far." : "")
    );
  }
  return `On the ${PART_WORDS[part]} part the root of the mean squared error is ${brief(figures.rmse)}${varianceWords(run, part)}`;
}

// How that compares with the mean of the targets as the answer, whose squared error 1 - R² divides by.
function varianceWords(run, part) {
  const metrics = at(run, "figures", "metrics") || [],
    value = name => (metrics.find(m => m.name === name) || {}).value,
    r2 = value("r2");
  if (!isNumber(r2) || run.data.on !== part) return ".";
  const mean = value("rmse") / Math.sqrt(1 - r2);
  return r2 < 1 && run.data.targets.length < 2
    ? `; always predicting the mean would give ${brief(mean)} (R² ${brief(r2)}).${r2 < 0.05 ? " It has learned little so far." : ""}`
    : ` (R² ${brief(r2)}).`;
}

// Whether the validation loss rose again while the training loss fell, or the parts differ much.
function fitWords(run) {
  const losses = columnOf(run, "validation_loss"),
    train = trainFigures(run),
    part = ["validation", "test"].find(name => partFigures(run, name)),
    held = part && partFigures(run, part);
  if (!held && !train) return null;
  if (held && !train && losses.length < 3) return null;
  if (!held) return run.data ? "There is no validation part, so that over-fitting cannot be seen." : null;
  const gap = isNumber(held.accuracy) && train ? train.accuracy - held.accuracy : null;
  const gapText =
    gap !== null
      ? ` (training ${percent(train.accuracy)}, ${part} ${percent(held.accuracy)})`
      : train && isNumber(train.rmse)
        ? ` (training rmse ${brief(train.rmse)}, ${part} ${brief(held.rmse)})`
        : "";
  const worse = gap !== null ? gap > 0.05 : train && isNumber(held.rmse) && held.rmse > 1.25 * train.rmse;
  if (losses.length > 2) {
    const best = losses.reduce((a, b) => (b.y < a.y ? b : a)),
      last = losses[losses.length - 1];
    const rose = `the validation loss was lowest after epoch ${best.x} (${brief(best.y)}) and then rose to ${brief(last.y)}${gapText}`;
    if (last.y > 1.1 * best.y && best.x < last.x)
      return at(run, "config", "early_stopping", "restore_best")
        ? `It began to over-fit: ${rose}; the model that was kept is the best epoch's.`
        : `It is over-fitted: ${rose}.`;
  }
  if (!gapText && losses.length < 3) return null;
  return worse
    ? `It knows its training data better than others${gapText}: it is over-fitted, though the validation loss did not rise.`
    : `It is hardly over-fitted${gapText}.`;
}

function failWords(run) {
  if (at(run, "classes", "matrix")) {
    const {matrix, shown, names, list} = run.classes,
      pairs = [];
    matrix.forEach((row, i) =>
      row.forEach((count, j) => {
        if (i !== j && count > 0) pairs.push({i, j, count});
      }),
    );
    if (pairs.length === 0)
      return `None of ${isSampled(run) ? plural(run.figures.examples, "example") + " that were looked at" : "its examples"} is wrong.`;
    pairs.sort((a, b) => b.count - a.count);
    const often = ({i, j, count}) => [
      quoted(names[shown[i]]),
      " for ",
      quoted(names[shown[j]]),
      ` (${count} of ${list[shown[i]].examples.toLocaleString("en")})`,
    ];
    return [
      isSampled(run) ? `Of ${plural(run.figures.examples, "example")} that were looked at, it ` : "It ",
      pairs.length === 1 && pairs[0].count === 1 ? "once took " : "most often takes ",
      joined(pairs.slice(0, 3).map(often)),
      ".",
    ];
  }
  const worst = at(run, "values", "examples", "items", 0);
  return worst && run.data.kind === "numbers" && isNumber(worst.said[0])
    ? `Its largest error is ${brief(worst.said[0])} in place of ${brief(worst.right[0])}.`
    : null;
}

function drawRunSummary(run) {
  const words = [
    run.data || run.config ? setWords(run) : null,
    endWords(run),
    qualityWords(run),
    fitWords(run),
    failWords(run),
  ].filter(Boolean);
  const tile = (label, value, more) =>
    h("div", {class: "tile"}, h("dt", null, label), h("dd", null, value, more && h("small", null, more)));
  const tiles = [];
  for (const part of ["test", "validation", "train"]) {
    const f = partFigures(run, part);
    if (!f) continue;
    const name = isNumber(f.accuracy) ? "accuracy" : "rmse";
    tiles.push(
      tile(
        `${name}, ${PART_WORDS[part]}`,
        isNumber(f.accuracy) ? percent(f.accuracy, 2) : brief(f[name], 5),
        `loss ${brief(f.loss)}`,
      ),
    );
  }
  const best = at(run, "summary", "best");
  if (isNumber(at(best, "epoch"))) {
    const metric = Object.keys(best).find(k => k !== "epoch");
    tiles.push(
      tile(
        "best epoch",
        best.epoch.toLocaleString("en"),
        metric && [named(metric.replace(/_/g, " ")), ` ${brief(best[metric])}`],
      ),
    );
  }
  if (at(run, "summary", "steps") > 0)
    tiles.push(
      tile(
        "time",
        duration(run.summary.time_s),
        `${plural(run.summary.steps, "step")}, ${large(run.summary.samples_per_second)} samples/s`,
      ),
    );
  return [
    h(
      "div",
      {class: "words"},
      words.map(text => h("p", null, text)),
    ),
    tiles.length > 0 && h("dl", {class: "tiles"}, tiles),
    run.figures && figuresTable(run),
  ];
}

// Which examples the figures below are of.
function examplesWords(run) {
  const f = run.figures,
    part = PART_WORDS[run.data.on];
  return f.examples < f.of
    ? `Of ${f.examples.toLocaleString("en")} of the ${f.of.toLocaleString("en")} examples of the ${part} part, taken at equal distances to save time.`
    : `Of all ${plural(f.examples, "example")} of the ${part} part.`;
}

function figuresTable(run) {
  const f = run.figures;
  return h(
    "details",
    null,
    h("summary", null, `More figures of the ${PART_WORDS[run.data.on]} part`),
    h("p", {class: "soft"}, examplesWords(run)),
    tableOf(
      ["figure", "value", "what it is"],
      f.metrics.map(m => [m.name.replace(/_/g, " "), m.value, m.help.replace(/`/g, "")]),
      "More figures",
    ),
  );
}
