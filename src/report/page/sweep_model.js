// What all figures of a sweep share: its settings, the best first, as columns; which of them the filters leave; and the
// one that the user picked. Those who draw listen.

// The shortest end of each path that no other has.
function shortNames(paths) {
  return paths.map(path => {
    const parts = path.split(".");
    for (let n = 1; n < parts.length; n++) {
      const end = parts.slice(-n).join(".");
      if (paths.filter(other => other === end || other.endsWith("." + end)).length === 1) return end;
    }
    return path;
  });
}

// A value for people: a section as "sgd, learning_rate 0.1".
function asText(value) {
  if (value === null || value === undefined) return "none";
  if (typeof value === "string") return value;
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, v]) => (key === "type" ? asText(v) : `${key} ${asText(v)}`))
    .join(", ");
}

function sweepParameters(sweep) {
  const names = shortNames(sweep.parameters.map(p => p.path));
  return sweep.parameters.map((p, i) => {
    const values = sweep.values[i],
      numeric = values.every(isNumber);
    const distinct = [...new Set(numeric ? values : values.map(asText))];
    if (numeric) distinct.sort((a, b) => a - b);
    return {
      ...p,
      name: names[i],
      numeric,
      distinct,
      values: numeric ? values : values.map(asText),
      log: numeric && distinct[0] > 0 && distinct[distinct.length - 1] / distinct[0] > (p.logarithmic ? 5 : 20),
    };
  });
}

// A condition on a column, such as ">0.1", "8..64", "64" or a part of a word; null where it says nothing that can be
// used.
function condition(text, numeric) {
  const number = "([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?)",
    t = text.trim();
  if (!numeric) return value => value.toLowerCase().includes(t.toLowerCase());
  const range = new RegExp(`^${number}\\s*(?:\\.\\.|…|to)\\s*${number}$`, "i").exec(t);
  if (range) return value => isNumber(value) && value >= +range[1] && value <= +range[2];
  const [, sign, limit] = new RegExp(`^(<=|>=|<|>|=|≤|≥)?\\s*${number}$`, "i").exec(t) || [];
  if (limit === undefined) return null;
  const tests = {"<": v => v < +limit, ">": v => v > +limit, "<=": v => v <= +limit, ">=": v => v >= +limit};
  const test = tests[{"≤": "<=", "≥": ">="}[sign] || sign] || (v => v === +limit);
  return value => isNumber(value) && test(value);
}

// Of so many parameters figures and the table are drawn; what is saved has all.
const MOST_PARAMETERS = 40;

// How much of the order of the settings goes with a parameter's value, from 0 to 1: the share of the variance of ranks
// that lies between its values, or eighths of them, beyond what as many values would take by chance.
function strengthOf(p, count) {
  if (p.distinct.length < 2) return -1;
  const parts = Math.min(8, p.distinct.length),
    place = new Map(p.distinct.map((v, i) => [v, Math.floor((i * parts) / p.distinct.length)]));
  const sums = Array.from({length: parts}, () => ({n: 0, ranks: 0}));
  for (let i = 0; i < count; i++) {
    const part = sums[place.get(p.values[i])];
    part.n++;
    part.ranks += i;
  }
  const mean = (count - 1) / 2,
    between = d3.sum(sums, s => (s.n > 0 ? s.n * (s.ranks / s.n - mean) ** 2 : 0)),
    all = (count * (count * count - 1)) / 12;
  return count > parts ? Math.max(0, 1 - ((1 - between / all) * (count - 1)) / (count - parts)) : 0;
}

// The parameters that matter most, in their own order.
function strongestParameters(parameters, count, most = MOST_PARAMETERS) {
  if (parameters.length <= MOST_PARAMETERS) return parameters;
  const strength = new Map(parameters.map(p => [p, strengthOf(p, count)]));
  const chosen = new Set([...parameters].sort((a, b) => strength.get(b) - strength.get(a)).slice(0, most));
  return parameters.filter(p => chosen.has(p));
}

const strongestNote = model =>
  model.shown.length < model.parameters.length &&
  h(
    "p",
    {class: "soft"},
    `Of ${model.parameters.length.toLocaleString("en")} parameters these are the ${model.shown.length} by which ` +
      "the settings differ most in rank; what is saved as CSV has all.",
  );

function sweepModel(sweep) {
  if (sweep.model) return sweep.model;
  const s = sweep.settings,
    count = s.value.length,
    parameters = sweepParameters(sweep);
  const model = {
    sweep,
    count,
    parameters,
    shown: strongestParameters(parameters, count),
    named: strongestParameters(parameters, count, 10),
    value: s.value,
    maximize: sweep.goal === "maximize",
    metric: sweep.metric,
    seen: new Uint8Array(count).fill(1),
    left: count,
    picked: -1,
    filters: new Map(),
    listeners: [],
  };
  model.states = s.value.map((_, i) =>
    s.eliminated[i]
      ? "eliminated"
      : s.failed[i]
        ? "failed"
        : s.diverged[i]
          ? "diverged"
          : s.valued[i]
            ? "done"
            : "no value",
  );
  const fieldsOf = list =>
    [
      {id: "rank", title: "rank", numeric: true, get: i => i + 1},
      {id: "value", title: sweep.metric, numeric: true, get: i => s.value[i]},
      s.deviation.some(isNumber) && {id: "deviation", title: "±", numeric: true, get: i => s.deviation[i]},
      s.count.some(c => c > 1) && {id: "count", title: "trials", numeric: true, get: i => s.count[i]},
      ...list.map(p => ({id: p.path, title: p.name, numeric: p.numeric, get: i => p.values[i], long: p.path})),
      {id: "epochs", title: "epochs", numeric: true, get: i => s.epochs[i]},
      {id: "time_s", title: "time_s", numeric: true, get: i => s.time_s[i]},
      {id: "state", title: "state", numeric: false, get: i => model.states[i]},
    ].filter(Boolean);
  model.fields = fieldsOf(model.shown);
  const saved = fieldsOf(parameters);
  model.changed = what => model.listeners.forEach(listen => listen(what));
  // Whether the text could be understood.
  model.filter = (field, text) => {
    const test = text.trim() ? condition(text, field.numeric) : undefined;
    if (test) model.filters.set(field.id, i => test(field.get(i)));
    else model.filters.delete(field.id);
    const tests = [...model.filters.values()];
    model.left = 0;
    for (let i = 0; i < count; i++) model.left += model.seen[i] = tests.every(t => t(i)) ? 1 : 0;
    model.changed("filter");
    return test !== null;
  };
  model.pick = i => {
    model.picked = model.picked === i ? -1 : i;
    model.changed("pick");
  };
  // The settings as a table, those that the filters leave.
  model.table = () => ({
    columns: ["setting", ...saved.map(f => f.long || f.title)],
    rows: d3
      .range(count)
      .filter(i => model.seen[i])
      .map(i => [s.setting[i], ...saved.map(f => f.get(i))]),
  });
  return (sweep.model = model);
}

// The parameters of a setting, a name and its value each.
const valueWords = (model, i) =>
  joined([
    ...model.named.map(p => h("bdi", null, `${p.name} ${p.numeric ? brief(p.values[i]) : short(p.values[i], 200)}`)),
    ...(model.named.length < model.parameters.length ? ["…"] : []),
  ]);

// "0.9861 ± 0.0020", to the last digit where it is exact.
function scoreText(model, i, show = brief) {
  const deviation = model.sweep.settings.deviation[i];
  return show(model.value[i]) + (isNumber(deviation) ? " ± " + brief(deviation, 2) : "");
}

// Redraws a figure after a change, once the table has answered: at once where it is in sight, else when it comes there,
// or before the page is printed.
function listen(model, element, redraw) {
  let inSight = false,
    due = null;
  const act = () => {
    if (due !== null) {
      const what = due;
      due = null;
      redraw(what);
    }
  };
  new IntersectionObserver(entries => {
    inSight = entries[entries.length - 1].isIntersecting;
    if (inSight) act();
  }).observe(element);
  window.addEventListener("beforeprint", act);
  model.listeners.push(what => {
    due = due === "filter" ? due : what;
    if (inSight) requestAnimationFrame(() => setTimeout(act, 0));
  });
}
