// The network as a drawing: layers in rows by how far they are from the data, wires between them.

const SLIM_TYPES = new Set([
  "relu",
  "leaky_relu",
  "elu",
  "gelu",
  "softplus",
  "sigmoid",
  "tanh",
  "softmax",
  "dropout",
  "flatten",
  "reshape",
  "exp",
  "log",
  "square",
]);

function networkLayout(network) {
  const layers = network.layers,
    depth = [];
  layers.forEach((layer, i) => {
    depth[i] = 1 + Math.max(-1 + 0, ...layer.inputs.map(k => (k < 0 ? 0 : depth[k])));
  });
  const rows = [[]];
  layers.forEach((_, i) => {
    (rows[depth[i]] = rows[depth[i]] || []).push(i);
  });
  return {depth, rows: rows.map(row => row || [])};
}

function drawNetwork(run) {
  const n = run.network,
    {depth, rows} = networkLayout(n),
    across = Math.max(1, ...rows.map(row => row.length));
  const table = (times = "x") => ({
    columns: ["layer", "type", "shape", "parameters", "FLOPs per example", "inputs"],
    rows: n.layers.map(l => [
      l.name,
      l.type,
      l.shape.join(times),
      l.parameters,
      l.flops,
      l.inputs.map(k => (k < 0 ? "data" : n.layers[k].name)).join(" "),
    ]),
  });
  const note = `${plural(n.parameters, "parameter")}; ${large(d3.sum(n.layers, l => l.flops))} floating-point operations for an example. A box is a layer with the shape of what it puts out.`;
  return [
    h(
      "div",
      {class: "figures"},
      figure({
        title: "Layers",
        wide: true,
        note,
        table,
        beside: tableOf(table().columns, table(" × ").rows, "Layers"),
        name: `${run.name}_network`,
        draw: width =>
          networkSvg(n, depth, rows, Math.max(width < 500 ? 220 : 250, Math.min(width, 250 * across)), across),
      }),
    ),
  ];
}

function networkSvg(n, depth, rows, width, across) {
  const margin =
      across > 1 || n.layers.some((l, i) => l.inputs.some(k => depth[i] - (k < 0 ? 0 : depth[k]) > 1)) ? 60 : 2,
    gap = 18;
  const slot = Math.max(170, (width - 2) / across),
    box = Math.min(250, slot - 20),
    heights = rows.map((row, d) => (d > 0 && row.every(i => SLIM_TYPES.has(n.layers[i].type)) ? 26 : 44));
  const tops = [0];
  heights.forEach((height, d) => {
    tops[d + 1] = tops[d] + height + gap;
  });
  const total = {width: slot * across + margin, height: tops[tops.length - 1]};
  const svg = d3
    .create("svg")
    .attrs({viewBox: [0, 0, total.width, total.height], width: total.width, height: total.height, role: "img"})
    .style("max-width", "none")
    .attr("aria-label", `Network: ${n.layers.map(l => l.name).join(", ")}`);
  const place = i =>
    i < 0
      ? {x: (slot * across) / 2, y: tops[0], h: heights[0]}
      : {
          x: (slot * across * (rows[depth[i]].indexOf(i) + 0.5)) / rows[depth[i]].length,
          y: tops[depth[i]],
          h: heights[depth[i]],
        };
  const wires = svg.append("g").attrs({fill: "none", stroke: "var(--soft)", "stroke-width": 1.4});
  n.layers.forEach((layer, i) =>
    layer.inputs.forEach(k => {
      const from = place(k),
        to = place(i),
        far = depth[i] - (k < 0 ? 0 : depth[k]) > 1,
        side = Math.max(from.x, to.x) + box / 2 + 34;
      wires
        .append("path")
        .attr(
          "d",
          far
            ? `M${from.x + box / 2 - 12},${from.y + from.h} C${side},${from.y + from.h + 20} ${side},${to.y - 20} ${to.x + box / 2 - 12},${to.y}`
            : `M${from.x},${from.y + from.h} C${from.x},${from.y + from.h + gap / 2} ${to.x},${to.y - gap / 2} ${to.x},${to.y}`,
        );
    }),
  );
  drawBox(svg, place(-1), box, "data", n.shape, null, "var(--faint)");
  n.layers.forEach((layer, i) =>
    drawBox(svg, place(i), box, layer.name, layer.shape, layer, layer.parameters > 0 ? "var(--shade)" : "var(--card)"),
  );
  return svg.node();
}

function drawBox(svg, {x, y, h: height}, width, name, shape, layer, fill) {
  const g = svg.append("g").attr("transform", `translate(${x - width / 2},${y})`),
    slim = height < 40,
    dims = shape.join(" × ");
  g.append("title").text(
    layer ? `${layer.name}: ${layer.type}, ${dims}, ${plural(layer.parameters, "parameter")}` : `data: ${dims}`,
  );
  g.append("rect").attrs({
    width: width - 2,
    height: height - 2,
    x: 1,
    y: 1,
    rx: 5,
    fill: "var(--card)",
    stroke: "var(--line)",
  });
  g.append("rect").attrs({
    width: width - 2,
    height: height - 2,
    x: 1,
    y: 1,
    rx: 5,
    fill,
    stroke: "var(--soft)",
    "stroke-opacity": 0.5,
  });
  g.append("text")
    .attrs({x: 10, y: slim ? 17 : 18})
    .style("font-weight", 600)
    .text(
      short(slim && !name.startsWith(layer.type) ? `${name} (${layer.type})` : name, Math.floor((width - 90) / 7.4)),
    );
  g.append("text")
    .attrs({x: width - 10, y: slim ? 17 : 18, "text-anchor": "end"})
    .text(dims);
  if (!slim)
    g.append("text")
      .attrs({class: "soft", x: 10, y: 35})
      .style("font-size", "11px")
      .text(
        layer
          ? layer.type +
              (layer.parameters > 0
                ? `, ${plural(layer.parameters, "parameter")}${layer.trainable ? "" : " (not trained)"}`
                : "")
          : "an example",
      );
}
