// Curves over epochs: of one run, a figure for each metric.

// A column of metrics.csv as [{x: epoch, y}], without what is no number.
function columnOf(run, name) {
  const epochs = columnValues(run, "epoch"),
    values = columnValues(run, name);
  return values
    ? values.map((y, i) => ({x: epochs ? epochs[i] : i + 1, y})).filter(p => isNumber(p.x) && isNumber(p.y))
    : [];
}

function columnValues(run, name) {
  const i = at(run, "metrics", "columns") ? run.metrics.columns.indexOf(name) : -1;
  return i < 0 ? null : run.metrics.values[i];
}

// Exponential smoothing whose weights sum to 1 from the first value on.
function smooth(points, weight) {
  let sum = 0,
    mass = 0;
  return points.map(p => {
    sum = weight * sum + (1 - weight) * p.y;
    mass = weight * mass + 1 - weight;
    return {x: p.x, y: sum / mass};
  });
}

// The settings that all curves of a section share: smoothing, logarithm, and the epochs that are looked at.
function curveControls(redraw) {
  const settings = {smoothing: 0, log: false, zoom: null};
  const reset = h("button", {type: "button", disabled: true, onclick: () => settings.look(null)}, "All epochs");
  settings.look = zoom => {
    settings.zoom = zoom;
    reset.disabled = !zoom;
    redraw();
  };
  settings.element = h(
    "div",
    {class: "controls"},
    h(
      "label",
      null,
      "Smoothing",
      h("input", {
        type: "range",
        min: 0,
        max: 0.98,
        step: 0.02,
        value: 0,
        oninput: event => {
          settings.smoothing = +event.target.value;
          redraw();
        },
      }),
    ),
    h(
      "label",
      null,
      h("input", {
        type: "checkbox",
        onchange: event => {
          settings.log = event.target.checked;
          redraw();
        },
      }),
      "Logarithmic",
    ),
    reset,
    h("span", {class: "soft hint"}, "Drag over a curve to zoom in; arrow keys, + and - do the same."),
  );
  return settings;
}

// Lines over epochs. series: [{label, points, best}], best: an epoch that is marked.
function curveFigure({title, note, series, settings, name, wide, xLabel = "epoch"}) {
  const readout = h("p", {class: "readout", "aria-live": "polite"});
  let looked = null; // the epoch whose values are shown
  const show = x => {
    looked = x;
    readout.replaceChildren(
      h("span", {class: "soft"}, `${xLabel} ${exact(x)}`),
      ...series.map((s, i) => {
        const point = s.points.find(p => p.x === x),
          last = s.points[s.points.length - 1];
        if (!last) return "";
        return key(i, s.label, point ? exact(point.y) : last.x < x ? `${exact(last.y)} (${xLabel} ${last.x})` : "–");
      }),
    );
  };
  const all = [...new Set(series.flatMap(s => s.points.map(p => p.x)))].sort((a, b) => a - b);
  const best = series.map(s => s.best).find(isNumber);
  const start = () => looked ?? (all.includes(best) ? best : all[all.length - 1]);
  show(start());
  const draw = width => drawCurves({width, series, settings, title, xLabel, all, start, show});
  const table = () => {
    const columns = series.map(s => new Map(s.points.map(p => [p.x, p.y])));
    return {columns: [xLabel, ...series.map(s => s.label)], rows: all.map(x => [x, ...columns.map(c => c.get(x))])};
  };
  return figure({title, note, name, wide, draw, table, above: readout});
}

function curveScales(series, settings, all) {
  const [first, last] = settings.zoom || [all[0], all[all.length - 1]];
  const seen = series
    .flatMap(s => s.points)
    .filter(p => p.x >= first && p.x <= last)
    .map(p => p.y);
  const positive = seen.filter(y => y > 0);
  const log = settings.log && positive.length > 0;
  let [low, high] = d3.extent(log ? positive : seen);
  if (low === high)
    [low, high] = log
      ? [low / 2, high * 2]
      : [low - Math.max(Math.abs(low) * 0.1, 1e-9), high + Math.max(Math.abs(high) * 0.1, 1e-9)];
  const x = d3.scaleLinear().domain(first === last ? [first - 1, last + 1] : [first, last]);
  const y = (log ? d3.scaleLog() : d3.scaleLinear()).domain([low, high]);
  return {x, y: log ? y : y.nice(5), log};
}

function drawCurves({width, series, settings, title, xLabel, all, start, show}) {
  const scales = curveScales(series, settings, all);
  const {svg, x, y, inner} = axes({
    width,
    ...scales,
    label: `${title}: ${series.map(s => s.label).join(", ")} by ${xLabel}`,
    xLabel,
    xTicks: Math.max(1, Math.min(width / 90, scales.x.domain()[1] - scales.x.domain()[0])),
    yFormat: scales.log ? "~g" : undefined,
    left: 56,
  });
  const line = d3
    .line()
    .x(p => x(p.x))
    .y(p => y(p.y))
    .defined(p => !scales.log || p.y > 0);
  series.forEach((s, i) => {
    const path = (points, faint) =>
      inner.append("path").attrs({
        class: "curve",
        stroke: s.colour || seriesColour(i),
        "stroke-dasharray": seriesDash(i),
        d: line(points),
        "stroke-opacity": faint ? 0.28 : 1,
      });
    if (settings.smoothing > 0) path(s.points, true);
    path(settings.smoothing > 0 ? smooth(s.points, settings.smoothing) : s.points);
    if (s.points.length === 1)
      inner.append("circle").attrs({r: 4, cx: x(s.points[0].x), cy: y(s.points[0].y), fill: seriesColour(i)});
    const best = isNumber(s.best) && s.points.find(p => p.x === s.best);
    if (best && best.x >= x.domain()[0] && best.x <= x.domain()[1]) markBest(svg, x(best.x), y(best.y), i, width);
  });
  addCursor({svg, inner, x, all, start, show, settings});
  return svg.node();
}

function markBest(svg, x, y, i, width) {
  svg.append("circle").attrs({cx: x, cy: y, r: 4.5, fill: "var(--card)", stroke: seriesColour(i), "stroke-width": 2});
  svg
    .append("text")
    .attrs({
      class: "over",
      x,
      y: y < 40 ? y + 19 : y - 9,
      "text-anchor": x > width * 0.75 ? "end" : x < 110 ? "start" : "middle",
    })
    .text("best epoch");
}

// Values under the pointer, and by arrow keys; dragging zooms, and so do + and -.
function addCursor({svg, inner, x, all, start, show, settings}) {
  const rule = inner.append("line").attrs({class: "rule", y1: 0, y2: 1000, visibility: "hidden"});
  const [first, last] = x.domain(),
    seen = all.filter(e => e >= first && e <= last);
  let now = seen.includes(start()) ? start() : seen[Math.floor(seen.length / 2)];
  const move = to => {
    now = to;
    rule.attrs({x1: x(to), x2: x(to), visibility: "visible"});
    show(to);
  };
  const [left, right] = x.range();
  const brush = d3
    .brushX()
    .extent([
      [left, 0],
      [right, +svg.attr("height") - 36],
    ])
    .on("end", () => {
      const picked = d3.event.selection;
      if (!picked || !d3.event.sourceEvent) return;
      const [from, to] = picked.map(x.invert),
        inside = all.filter(e => e >= from && e <= to);
      settings.look(inside.length > 1 ? [inside[0], inside[inside.length - 1]] : null);
    });
  svg.append("g").attrs({class: "brush", "aria-hidden": true}).call(brush);
  svg.on("mousemove touchmove", function () {
    const wanted = x.invert((d3.event.touches ? d3.touch(this, d3.event.touches[0].identifier) : d3.mouse(this))[0]);
    const i = d3.bisectLeft(all, wanted);
    move(i > 0 && (i === all.length || wanted - all[i - 1] < all[i] - wanted) ? all[i - 1] : all[i]);
  });
  svg.on("dblclick", () => settings.look(null));
  svg.attr("tabindex", 0).on("keydown", () => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[d3.event.key];
    if (d3.event.key === "Escape" || d3.event.key === "-") settings.look(null);
    if (d3.event.key === "+") {
      const [from, to] = x.domain(),
        quarter = (to - from) / 4,
        inside = all.filter(e => e >= now - quarter && e <= now + quarter);
      if (inside.length > 1) settings.look([inside[0], inside[inside.length - 1]]);
    }
    if (!step || seen.length === 0) return;
    d3.event.preventDefault();
    move(seen[Math.min(seen.length - 1, Math.max(0, seen.indexOf(now) + step))]);
  });
}
