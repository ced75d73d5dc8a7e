// Of one sweep: settings as points. A thousand points are one path, which is sharp, prints, and follows the colours.

// A scale for a column: its logarithm, words side by side, or plain.
function scaleOf(column) {
  if (!column.numeric) return d3.scalePoint().domain(column.distinct).padding(0.5);
  const [low, high] = d3.extent(column.values.filter(isNumber));
  if (low === high)
    return d3.scaleLinear().domain([low - Math.abs(low) * 0.1 - 1e-9, high + Math.abs(high) * 0.1 + 1e-9]);
  // so that no point is cut at an end, also where those of one value lie beside one another
  const share = column.distinct.length > 20 ? 0.04 : 0.1,
    room = column.log ? (high / low) ** share : (high - low) * share;
  return column.log
    ? d3.scaleLog().domain([low / room, high * room])
    : d3.scaleLinear().domain([low - room, high + room]);
}

// How its ticks are written: words as far as there is room, in pixels.
const formatOf = (column, room) =>
  column.numeric ? (column.log ? "~g" : undefined) : word => short(word, Math.max(4, Math.floor(room / 8)));

// The metric as a column. What is far worse than most lies at the edge.
function metricColumn(model) {
  const values = model.value.filter(isNumber).sort((a, b) => a - b);
  const column = {name: model.metric, values: model.value, numeric: true, distinct: [], cut: 0};
  column.log = values.length > 0 && values[0] > 0 && values[values.length - 1] / values[0] > 30 && !model.maximize;
  const height = value => (column.log ? Math.log(value) : value),
    best = height(model.maximize ? values[values.length - 1] : values[0]);
  const room = 4 * Math.abs(height(values[Math.floor(values.length / 2)]) - best) + 1e-12;
  const far = value => Math.abs(height(value) - best) > room;
  column.cut = values.filter(far).length;
  column.domain = d3.extent(column.cut < values.length ? values.filter(v => !far(v)) : values);
  return column;
}

function metricScale(column) {
  let [low, high] = column.domain;
  if (low === high) [low, high] = [low - Math.abs(low) * 0.1 - 1e-9, high + Math.abs(high) * 0.1 + 1e-9];
  return column.log
    ? d3
        .scaleLog()
        .domain([low / 1.3, high])
        .clamp(true)
    : d3.scaleLinear().domain([low, high]).nice(5).clamp(true);
}

// Where many settings share a value, their points lie beside one another, always in the same places.
const jitter = i => (((i * 2654435761) % 4294967296) / 4294967296 - 0.5) * 22;
const spread = (column, i) => (column.numeric && column.distinct.length > 20 ? 0 : jitter(i + 1));

const pointsPath = points => points.map(([x, y]) => `M${x.toFixed(1)},${y.toFixed(1)}h0`).join("");

// Points that follow the filters and the pick. place(i): [x, y] of a setting, or null.
function addPoints(model, svg, inner, place) {
  const layer = (stroke, width, opacity) =>
    inner
      .append("path")
      .attr("class", "points")
      .attr("stroke", stroke)
      .attr("stroke-width", width)
      .attr("stroke-opacity", opacity);
  const size = model.count > 3000 ? 3 : model.count > 400 ? 4 : 6;
  const rest = layer("var(--soft)", size, 0.13),
    seen = layer("var(--s1)", size, model.count > 3000 ? 0.35 : 0.6);
  const best = layer("var(--s0)", size + 4, 1),
    picked = layer("var(--ink)", size + 6, 1);
  const places = d3.range(model.count).map(place);
  const redraw = () => {
    const at = [[], []];
    for (let i = 0; i < model.count; i++) if (places[i]) at[model.seen[i]].push(places[i]);
    rest.attr("d", pointsPath(at[0]));
    seen.attr("d", pointsPath(at[1]));
    best.attr("d", places[0] && model.seen[0] ? pointsPath([places[0]]) : "");
    picked.attr("d", places[model.picked] ? pointsPath([places[model.picked]]) : "");
  };
  redraw();
  return {places, redraw};
}

function nearest(model, places, x, y) {
  let found = -1,
    least = 900;
  for (let i = 0; i < model.count; i++) {
    if (!places[i] || !model.seen[i]) continue;
    const distance = (places[i][0] - x) ** 2 + (places[i][1] - y) ** 2;
    if (distance < least) [found, least] = [i, distance];
  }
  return found;
}

// A figure of points with what is under the pointer; arrow keys go through the settings by rank, Enter picks one.
function pointsFigure(model, {title, note, name, label, scales, place, extra}) {
  const readout = h("p", {class: "readout", "aria-live": "polite"});
  let now = -1,
    points = null;
  const show = i => {
    now = i;
    readout.replaceChildren(
      ...(i < 0
        ? [h("span", {class: "soft hint"}, "Point at a setting, or use the arrow keys.")]
        : [
            h("b", null, named(model.metric), ` ${exact(model.value[i])}`),
            h("span", null, `rank ${i + 1}: `, valueWords(model, i)),
          ]),
    );
  };
  show(-1);
  const draw = width => {
    const {svg, x, y, inner} = axes({width, ...scales(width), label, left: 62, top: 24});
    if (extra) extra({svg, x, y, inner});
    points = addPoints(model, svg, inner, i => place(i, x, y));
    svg
      .attr("tabindex", 0)
      .on("mousemove", function () {
        show(nearest(model, points.places, ...d3.mouse(this)));
      })
      .on("click", () => now >= 0 && model.pick(now))
      .on("keydown", () => {
        const step = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[d3.event.key];
        if (d3.event.key === "Enter" && now >= 0) model.pick(now);
        if (!step) return;
        d3.event.preventDefault();
        let i = now + step;
        while (i >= 0 && i < model.count && !(model.seen[i] && points.places[i])) i += step;
        if (i >= 0 && i < model.count) show(i);
      });
    return svg.node();
  };
  const element = figure({title, note, name, above: readout, draw, table: model.table});
  listen(model, element, () => points && points.redraw());
  return element;
}

// Each parameter against the metric; settings without a value are marks on the lower edge.
function drawSweepParameters(sweep) {
  const model = sweepModel(sweep),
    metric = metricColumn(model);
  const cut = metric.cut > 0 ? ` What is far worse lies at the edge: ${plural(metric.cut, "value")}.` : "";
  const figures = model.shown
    .filter(p => p.distinct.length > 1)
    .map(p => {
      const place = (i, x, y) => (isNumber(model.value[i]) ? [x(p.values[i]) + spread(p, i), y(model.value[i])] : null);
      const extra = ({x, y, inner}) =>
        inner
          .append("path")
          .attr("class", "points")
          .attr("stroke", "var(--bad)")
          .attr("stroke-width", 1.5)
          .attr("stroke-linecap", "butt")
          .attr(
            "d",
            d3
              .range(model.count)
              .filter(i => !isNumber(model.value[i]))
              .map(i => `M${(x(p.values[i]) + spread(p, i)).toFixed(1)},${y.range()[0]}v-7`)
              .join(""),
          );
      return pointsFigure(model, {
        title: p.name,
        name: `${sweep.name}_${p.name}`,
        note: p.name !== p.path && p.path,
        place,
        extra,
        label: `${model.metric} of each setting by ${p.path}`,
        scales: width => ({
          x: scaleOf(p),
          y: metricScale(metric),
          xLabel: p.log ? `${p.name} (logarithmic)` : p.name,
          yLabel: model.metric,
          xFormat: formatOf(p, width / p.distinct.length),
          yFormat: metric.log ? "~g" : undefined,
        }),
      });
    });
  const without = model.value.filter(v => !isNumber(v)).length;
  return [
    h(
      "p",
      {class: "soft"},
      `A point is a setting; the largest is the best.${cut}` +
        (without > 0 ? ` Marks on the lower edge are the ${plural(without, "setting")} without a value.` : ""),
    ),
    strongestNote(model),
    h("div", {class: "figures"}, figures),
  ];
}

// The best so far: the mean of the best setting whose trials have all ended by then.
function bestSoFar(model) {
  const runs = model.sweep.runs,
    last = new Map();
  const known = runs.ended_s.every(isNumber);
  const order = d3
    .range(runs.trial.length)
    .sort((a, b) => (known ? runs.ended_s[a] - runs.ended_s[b] : 0) || runs.trial[a] - runs.trial[b]);
  order.forEach((run, i) => last.set(runs.place[run], i));
  let best = null;
  const steps = order.map((run, i) => {
    const place = runs.place[run],
      value = model.value[place];
    if (last.get(place) === i && isNumber(value) && (best === null || (model.maximize ? value > best : value < best)))
      best = value;
    return {
      count: i + 1,
      seconds: known ? runs.ended_s[run] - runs.ended_s[order[0]] : i,
      best,
      value: runs.value[run],
      trial: runs.trial[run],
    };
  });
  return {steps, known};
}

function drawSweepProgress(sweep) {
  const model = sweepModel(sweep),
    {steps, known} = bestSoFar(model),
    metric = metricColumn({...model, value: sweep.runs.value});
  let byTime = false;
  const draw = width => {
    const xOf = s => (byTime ? s.seconds : s.count),
      [first, last] = d3.extent(steps, xOf),
      room = (last - first) * 0.015 + 1e-9;
    const {svg, x, y, inner} = axes({
      width,
      left: 62,
      right: 26,
      top: 24,
      x: d3.scaleLinear().domain([first - room, last + room]),
      y: metricScale(metric),
      yFormat: metric.log ? "~g" : undefined,
      xLabel: byTime ? "seconds since the first trial ended" : "trials that have ended",
      yLabel: model.metric,
      label: `best ${model.metric} so far`,
    });
    inner
      .append("path")
      .attr("class", "points")
      .attr("stroke", "var(--soft)")
      .attr("stroke-width", model.count > 3000 ? 3 : 5)
      .attr("stroke-opacity", 0.45)
      .attr("d", pointsPath(steps.filter(s => isNumber(s.value)).map(s => [x(xOf(s)), y(s.value)])));
    inner
      .append("path")
      .attr("class", "curve")
      .attr("stroke", "var(--s0)")
      .attr("stroke-width", 2.5)
      .attr(
        "d",
        d3
          .line()
          .curve(d3.curveStepAfter)
          .x(s => x(xOf(s)))
          .y(s => y(s.best))(steps.filter(s => isNumber(s.best))),
      );
    return svg.node();
  };
  const element = figure({
    title: `Best ${model.metric} so far`,
    note: "A point is a trial; the line is the best setting whose trials have all ended.",
    name: `${sweep.name}_best_so_far`,
    wide: true,
    draw,
    table: () => ({
      columns: ["trials ended", "seconds", "trial", "value", "best so far"],
      rows: steps.map(s => [s.count, known ? s.seconds : null, s.trial, s.value, s.best]),
    }),
  });
  const control =
    known &&
    h(
      "div",
      {class: "controls"},
      h(
        "label",
        null,
        h("input", {
          type: "checkbox",
          onchange: event => {
            byTime = event.target.checked;
            element.redraw();
          },
        }),
        "Over time",
      ),
    );
  return [control, h("div", {class: "figures"}, element)];
}
