// Of one sweep: parameters together, two by two and all at once.

const SHADES = 8,
  MOST_LINES = 1000;

// Shade 0 is the worst eighth of the settings, the last the best; settings are in the order of their rank.
const shadeOf = (model, i) => SHADES - 1 - Math.min(SHADES - 1, Math.floor((i * SHADES) / model.valued));
const shadeColour = k => `color-mix(in srgb, var(--high) ${Math.round(12 + (88 * k) / (SHADES - 1))}%, var(--low))`;

function drawSweepPairs(sweep) {
  const model = sweepModel(sweep),
    varied = model.shown.filter(p => p.distinct.length > 1);
  model.valued = Math.max(1, model.value.filter(isNumber).length);
  let [across, down] = varied;
  const choose = (label, start, set) =>
    h(
      "label",
      null,
      label,
      h(
        "select",
        {
          onchange: event => {
            set(varied[event.target.value]);
            element.redraw();
          },
        },
        varied.map((p, i) => h("option", {value: i, selected: p === start}, p.name)),
      ),
    );
  const draw = width => {
    const {svg, x, y, inner} = axes({
      width,
      height: 380,
      top: 24,
      x: scaleOf(across),
      y: scaleOf(down),
      left: down.numeric ? 78 : 130,
      xLabel: across.name,
      yLabel: down.name,
      xFormat: formatOf(across, width / across.distinct.length),
      yFormat: formatOf(down, 120),
      label: `${model.metric} by ${across.path} and ${down.path}`,
    });
    const places = Array.from({length: SHADES}, () => []);
    for (let i = model.valued - 1; i >= 0; i--)
      if (model.seen[i] && isNumber(model.value[i]))
        places[shadeOf(model, i)].push([
          x(across.values[i]) + spread(across, i),
          y(down.values[i]) + spread(down, i * 7 + 3),
        ]);
    places.forEach((points, k) =>
      inner
        .append("path")
        .attr("class", "points")
        .attr("stroke", shadeColour(k))
        .attr("stroke-width", model.count > 3000 ? 4 : 9)
        .attr("d", pointsPath(points)),
    );
    const crosses = d3
      .range(model.count)
      .filter(i => model.seen[i] && !isNumber(model.value[i]))
      .map(i => [x(across.values[i]) + spread(across, i), y(down.values[i]) + spread(down, i * 7 + 3)])
      .map(([u, v]) => `M${(u - 3).toFixed(1)},${(v - 3).toFixed(1)}l6,6m-6,0l6,-6`);
    inner
      .append("path")
      .attrs({class: "curve without", stroke: "var(--bad)", "stroke-width": 1.3, d: crosses.join("")});
    if (model.seen[0])
      inner
        .append("circle")
        .attr("cx", x(across.values[0]) + spread(across, 0))
        .attr("cy", y(down.values[0]) + spread(down, 3))
        .attr("r", 7)
        .attr("fill", "none")
        .attr("stroke", "var(--s0)")
        .attr("stroke-width", 2.5);
    return svg.node();
  };
  const element = figure({
    title: "Two parameters",
    note:
      "The darker (in dark colours: the brighter), the better; the ring is the best setting. " +
      "Each shade is an eighth of the settings." +
      (model.value.some(v => !isNumber(v)) ? " Crosses are settings without a value: diverged, or failed." : ""),
    name: `${sweep.name}_pairs`,
    wide: true,
    draw,
    table: model.table,
  });
  listen(model, element, what => what === "filter" && element.redraw());
  return [
    h(
      "div",
      {class: "controls"},
      choose("Across", across, p => {
        across = p;
      }),
      choose("Up", down, p => {
        down = p;
      }),
    ),
    h("div", {class: "figures"}, element),
  ];
}

function drawSweepParallel(sweep) {
  const model = sweepModel(sweep),
    metric = {...metricColumn(model), path: model.metric};
  const columns = [...model.shown.filter(p => p.distinct.length > 1), metric];
  const draw = width => drawParallel(model, columns, metric, width);
  const element = figure({
    title: "All parameters at once",
    name: `${sweep.name}_parallel`,
    wide: true,
    draw,
    table: model.table,
    note:
      "A line is a setting with a value; the best ten are strong, the rest of those that the filters leave faint" +
      (model.count > MOST_LINES ? `, ${MOST_LINES.toLocaleString("en")} of them at equal distances of rank.` : "."),
  });
  listen(model, element, element.redraw);
  return [strongestNote(model), h("div", {class: "figures"}, element)];
}

function drawParallel(model, columns, metric, width) {
  const height = 330,
    top = 34,
    bottom = 16,
    wide = Math.max(width, columns.length * 84);
  const svg = d3
    .create("svg")
    .attr("viewBox", [0, 0, wide, height])
    .attr("width", wide)
    .attr("height", height)
    .attr("role", "img")
    .attr("aria-label", `All parameters of ${model.count} settings, and their ${model.metric}`)
    .style("max-width", "none");
  const x = d3
    .scalePoint()
    .domain(d3.range(columns.length))
    .range([columns[0].numeric ? 52 : 96, wide - 52]);
  const scales = columns.map(c => (c === metric ? metricScale(c) : scaleOf(c)).range([height - bottom, top]));
  const heightAt = (c, k, i) => scales[k](c.values[i]) + (c.numeric ? 0 : jitter(i) * 0.5);
  const line = i =>
    columns.map((c, k) => `${k ? "L" : "M"}${x(k).toFixed(1)},${heightAt(c, k, i).toFixed(1)}`).join("");
  const left = d3.range(model.count).filter(i => model.seen[i] && isNumber(model.value[i]));
  const step = Math.ceil(left.length / MOST_LINES);
  svg
    .append("path")
    .attr("class", "curve")
    .attr("stroke", "var(--s1)")
    .attr("stroke-opacity", Math.max(0.16, Math.min(0.5, 20 / left.length)))
    .attr("stroke-width", 1)
    .attr(
      "d",
      left
        .filter((_, k) => k % step === 0)
        .map(line)
        .join(""),
    );
  svg
    .append("path")
    .attr("class", "curve")
    .attr("stroke", "var(--s0)")
    .attr("stroke-opacity", 0.8)
    .attr("d", left.slice(0, 10).map(line).join(""));
  if (model.picked >= 0 && isNumber(model.value[model.picked]))
    svg
      .append("path")
      .attr("class", "curve")
      .attr("stroke", "var(--ink)")
      .attr("stroke-width", 3)
      .attr("d", line(model.picked));
  columns.forEach((c, k) => {
    const g = svg
      .append("g")
      .attr("class", "axis upright")
      .attr("transform", `translate(${x(k)},0)`);
    const last = k === columns.length - 1,
      axis = (last ? d3.axisRight(scales[k]) : d3.axisLeft(scales[k])).tickSize(4);
    g.call(c.numeric ? axis.ticks(5, c.log ? "~g" : undefined) : spaced(axis, 11).tickFormat(t => short(t, 12)));
    g.append("text")
      .attrs({y: 14, x: last ? 48 : 0, "text-anchor": last ? "end" : "middle"})
      .text(short(c.name, last ? 24 : 14))
      .append("title")
      .text(c.path);
  });
  return svg.node();
}
