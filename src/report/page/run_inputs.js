// What inputs are worth, and what the first layer makes of them.

function drawImportance(run) {
  const m = run.importance,
    words =
      `How much the loss, ${brief(m.loss)}, rises when the values of an input are exchanged between examples` +
      ` (${m.examples} of them, ${m.repeats === 1 ? "once" : `${m.repeats} times`}). What the model does not use does not raise it; of inputs that say the same, each looks less important than both are.`;
  return [h("div", {class: "figures"}, m.columns ? importanceBars(run, m, words) : importanceMap(run, m, words))];
}

function importanceBars(run, m, note) {
  const all = m.columns
      .map((name, i) => ({name, rise: m.rises[i]}))
      .sort((a, b) => (b.rise ?? Infinity) - (a.rise ?? Infinity) || 0),
    shown = all.filter(d => isNumber(d.rise)).slice(0, 30),
    endless = all.filter(d => !isNumber(d.rise)).length;
  return figure({
    title: "Importance of inputs",
    wide: true,
    name: `${run.name}_importance`,
    note:
      note +
      (all.length > 30 ? ` The 30 most important of ${all.length} are drawn; the CSV has all.` : "") +
      (endless > 0 ? ` Of ${plural(endless, "input")} it becomes infinite, which is not drawn.` : ""),
    table: () => ({columns: ["input", "rise of the loss"], rows: all.map(d => [d.name, d.rise])}),
    draw: width => {
      const left = Math.min(width * 0.45, 16 + 7.2 * Math.min(28, Math.max(...shown.map(d => d.name.length)))),
        y = d3
          .scaleBand()
          .domain(shown.map((_, i) => shown.length - 1 - i))
          .padding(0.28);
      const {svg, x} = axes({
        width,
        height: shown.length * 22 + 44,
        x: d3
          .scaleLinear()
          .domain([
            Math.min(0, d3.min(shown, d => d.rise) || 0),
            Math.max(m.loss / 1000 || 1e-9, d3.max(shown, d => d.rise) || 0),
          ])
          .nice(),
        y,
        left,
        right: 20,
        label:
          "Importance of inputs: " +
          shown
            .slice(0, 5)
            .map(d => d.name)
            .join(", "),
        xLabel: "rise of the loss",
        yFormat: i => short(shown[i].name, 28),
      });
      svg
        .append("g")
        .selectAll("rect")
        .data(shown)
        .join("rect")
        .attrs({
          x: d => x(Math.min(0, d.rise)),
          width: d => Math.abs(x(d.rise) - x(0)),
          y: (_, i) => y(i),
          height: y.bandwidth(),
          rx: 2,
          fill: "var(--s1)",
        })
        .append("title")
        .text(d => `${d.name}: ${exact(d.rise)}`);
      return svg.node();
    },
  });
}

function importanceMap(run, m, note) {
  const most = Math.max(1e-12, d3.max(m.rises) || 0),
    cell = (i, j) => m.rises[i * m.across + j];
  return figure({
    title: "Importance of regions",
    name: `${run.name}_importance`,
    note: `${note} An input is a square of pixels here; the stronger the colour, the more important: the strongest raises it by ${brief(most)}.`,
    table: () => ({
      columns: ["row", "column", "rise of the loss"],
      rows: m.rises.map((v, k) => [Math.floor(k / m.across), k % m.across, v]),
    }),
    draw: width => {
      const size = Math.min(46, (width - 4) / m.across),
        svg = d3.create("svg").attrs({
          width: size * m.across + 4,
          height: size * m.down + 4,
          viewBox: [0, 0, size * m.across + 4, size * m.down + 4],
          role: "img",
          "aria-label": "Importance of regions of the picture",
        });
      for (let i = 0; i < m.down; i++)
        for (let j = 0; j < m.across; j++) {
          const g = svg.append("g").attr("transform", `translate(${2 + j * size},${2 + i * size})`),
            share = Math.max(0, cell(i, j)) / most;
          g.append("title").text(`row ${i + 1}, column ${j + 1}: ${exact(cell(i, j))}`);
          g.append("rect").attrs({width: size - 2, height: size - 2, rx: 2, fill: "var(--faint)"});
          g.append("rect").attrs({width: size - 2, height: size - 2, rx: 2, fill: "var(--s1)", "fill-opacity": share});
        }
      return svg.node();
    },
  });
}

// Values as the pixels of a picture: orange below 0, blue above it; or, of three channels, red, green and blue about grey.
function paint(values, [channels, height, width], most) {
  const colour = name => d3.rgb(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  const below = d3.interpolateRgb(colour("--middle"), colour("--negative")),
    above = d3.interpolateRgb(colour("--middle"), colour("--positive"));
  const beside = channels === 3 ? 1 : channels,
    canvas = h("canvas", {width: width * beside, height}),
    context = canvas.getContext("2d");
  const image = context.createImageData(width * beside, height),
    plane = height * width;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < plane; i++) {
      const share = Math.max(-1, Math.min(1, values[c * plane + i] / most));
      if (channels === 3) {
        image.data[4 * i + c] = 127.5 * (1 + share);
        image.data[4 * i + 3] = 255;
        continue;
      }
      const at = 4 * (Math.floor(i / width) * beside * width + c * width + (i % width)),
        rgb = d3.rgb(share < 0 ? below(-share) : above(share));
      image.data.set([rgb.r, rgb.g, rgb.b, 255], at);
    }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function drawWeights(run) {
  const w = run.weights,
    few = w.filters.length < w.count ? `The first ${w.filters.length} of ${w.count}. ` : "";
  const signs =
    w.shape[0] === 3 && !w.features
      ? "Grey is 0; colours are how a filter weighs red, green and blue."
      : "Blue weights are above 0, orange ones below, the stronger the larger.";
  return [
    h("div", {class: "figures"}, w.features ? weightMap(run, w, few + signs) : weightImages(run, w, few + signs)),
  ];
}

function weightImages(run, w, note) {
  const [channels, height, wide] = w.shape,
    beside = channels === 3 ? 1 : channels;
  const table = () => ({
    columns: ["filter", "channel", "row", "column", "weight"],
    rows: w.filters.flatMap(f =>
      f.values.map((v, k) => [f.name, Math.floor(k / (height * wide)), Math.floor(k / wide) % height, k % wide, v]),
    ),
  });
  return figure({
    title: `Weights of ${w.layer}`,
    wide: true,
    themed: true,
    note,
    table,
    name: `${run.name}_weights`,
    draw: width => {
      const side = Math.max(44, Math.min(96, 6 * wide)),
        tile = {
          w: side * beside * (wide >= height ? 1 : wide / height),
          h: side * (height >= wide ? 1 : height / wide),
        },
        gap = 8,
        caption = 16;
      const across = Math.max(1, Math.floor((width + gap) / (tile.w + gap))),
        down = Math.ceil(w.filters.length / across);
      const svg = d3.create("svg").attrs({
        width,
        height: down * (tile.h + gap + caption),
        viewBox: [0, 0, width, down * (tile.h + gap + caption)],
        role: "img",
        "aria-label": `${w.filters.length} filters of ${w.layer}`,
      });
      w.filters.forEach((f, i) => {
        const g = svg
          .append("g")
          .attr(
            "transform",
            `translate(${(i % across) * (tile.w + gap)},${Math.floor(i / across) * (tile.h + gap + caption)})`,
          );
        g.append("image")
          .attrs({width: tile.w, height: tile.h, preserveAspectRatio: "none"})
          .style("image-rendering", "pixelated")
          .attr("href", paint(f.values, w.shape, d3.max(f.values, Math.abs) || 1));
        g.append("rect").attrs({width: tile.w, height: tile.h, fill: "none", stroke: "var(--line)"});
        g.append("text")
          .attrs({class: "soft", y: tile.h + 12})
          .style("font-size", "11px")
          .text(short(f.name, Math.floor(tile.w / 6.5)));
      });
      return svg.node();
    },
  });
}

const MOST_WEIGHT_ROWS = 200;

// The inputs with the strongest weights, in their own order.
function strongestInputs(w) {
  const strength = w.features.map((_, i) => d3.max(w.filters, f => Math.abs(f.values[i])) || 0);
  return d3
    .range(w.features.length)
    .sort((a, b) => strength[b] - strength[a] || a - b)
    .slice(0, MOST_WEIGHT_ROWS)
    .sort((a, b) => a - b);
}

function weightMap(run, w, note) {
  const shown = strongestInputs(w),
    rows = shown.length,
    names = shown.map(i => w.features[i]),
    columns = w.filters.length,
    most = d3.max(w.filters, f => d3.max(f.values, Math.abs)) || 1;
  const leftOut =
    rows < w.features.length
      ? ` Of ${w.features.length.toLocaleString("en")} inputs the ${rows} with the strongest weights are drawn; the CSV has all.`
      : "";
  const table = () => ({
    columns: ["input", ...w.filters.map(f => `unit ${f.name}`)],
    rows: w.features.map((name, i) => [name, ...w.filters.map(f => f.values[i])]),
  });
  const flat = new Array(rows * columns);
  w.filters.forEach((f, j) =>
    shown.forEach((i, row) => {
      flat[row * columns + j] = f.values[i];
    }),
  );
  return figure({
    title: `Weights of ${w.layer}`,
    wide: true,
    themed: true,
    note: `A row is an input, a column a unit of ${w.layer}. ${note} The strongest is ${brief(most)}.${leftOut}`,
    table,
    name: `${run.name}_weights`,
    draw: width => {
      const left = Math.min(width * 0.4, 16 + 7 * Math.min(26, Math.max(...names.map(name => name.length)))),
        cell = rows <= 48 ? 18 : Math.max(4, 720 / rows),
        each = Math.ceil(14 / cell);
      const across = Math.min(width - left - 4, columns * 34),
        height = rows * cell + 6;
      const svg = d3.create("svg").attrs({
        width,
        height,
        viewBox: [0, 0, width, height],
        role: "img",
        "aria-label": `Weights of ${w.layer} by input and unit`,
      });
      svg
        .append("image")
        .attrs({x: left, y: 2, width: across, height: rows * cell, preserveAspectRatio: "none"})
        .style("image-rendering", "pixelated")
        .attr("href", paint(flat, [1, rows, columns], most));
      svg
        .append("rect")
        .attrs({x: left, y: 2, width: across, height: rows * cell, fill: "none", stroke: "var(--line)"});
      svg
        .append("g")
        .selectAll("text")
        .data(names.filter((_, i) => i % each === 0))
        .join("text")
        .attrs({
          x: left - 8,
          y: (_, i) => 2 + (i * each + 0.5) * cell,
          "text-anchor": "end",
          "dominant-baseline": "central",
        })
        .style("font-size", "11.5px")
        .text(name => short(name, 26))
        .append("title")
        .text(name => name);
      return svg.node();
    },
  });
}
