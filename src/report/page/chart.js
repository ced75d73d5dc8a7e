// Figures: a frame with a heading and what can be saved of it, axes, and a cursor. D3 draws.

const SERIES = ["var(--s0)", "var(--s1)", "var(--s2)", "var(--s3)", "var(--s4)", "var(--s5)", "var(--s6)", "var(--s7)"];
// Widths of figures on A4, in pixels.
const PRINTED = {wide: 640, narrow: 300};

const DASHES = [null, "6 3", "2 3", "8 3 2 3"];

// Several attributes at once.
d3.selection.prototype.attrs = function (attributes) {
  for (const [name, value] of Object.entries(attributes)) this.attr(name, value);
  return this;
};

// Series are told apart by dashes too once their colours are used up.
const seriesColour = i => SERIES[i % SERIES.length];
const seriesDash = i => DASHES[Math.floor(i / SERIES.length) % DASHES.length];

const KEPT_STYLES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "paint-order",
  "opacity",
  "fill-opacity",
  "stroke-opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
];

// A drawing that stands alone: with the styles that the page gives it, and above it its title and what its lines are.
function standalone(svg, title, keys) {
  const copy = svg.cloneNode(true),
    to = [copy, ...copy.querySelectorAll("*")];
  [svg, ...svg.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of KEPT_STYLES) to[i].style.setProperty(name, style.getPropertyValue(name));
  });
  const {width, height} = svg.viewBox.baseVal,
    head = drawHead(d3.select(copy), width, title, keys);
  copy.setAttribute("viewBox", `0 ${-head} ${width} ${height + head}`);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height + head);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = getComputedStyle(document.documentElement).getPropertyValue("--card");
  // XML has no control characters
  const text = new XMLSerializer().serializeToString(copy).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
  return {text, width, height: height + head};
}

// Title and keys above a drawing; how high that is.
function drawHead(svg, width, title, keys) {
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name),
    font = `font: 12px system-ui, "Segoe UI", "Noto Sans", sans-serif; fill: ${colour("--ink")}`,
    places = [];
  let x = 4,
    row = 0;
  for (const key of keys) {
    const room = 40 + 7 * key.querySelector("bdi").textContent.length;
    if (x > 4 && x + room > width) [x, row] = [4, row + 1];
    places.push([x, row]);
    x += room;
  }
  const head = 26 + (keys.length > 0 ? 18 * (row + 1) : 0);
  const g = svg.append("g").attr("transform", `translate(0,${-head})`);
  g.append("text")
    .attrs({x: 4, y: 17, style: `${font}; font-weight: 600; font-size: 14px`})
    .text(title);
  keys.forEach((key, i) => {
    const line = key.querySelector("line"),
      y = 36 + 18 * places[i][1];
    g.append("line").attrs({
      x1: places[i][0],
      x2: places[i][0] + 20,
      y1: y - 4,
      y2: y - 4,
      style: `stroke: ${getComputedStyle(line).stroke}; stroke-width: 2.5`,
      "stroke-dasharray": line.getAttribute("stroke-dasharray"),
    });
    g.append("text")
      .attrs({x: places[i][0] + 25, y, style: font})
      .text(key.querySelector("bdi").textContent);
  });
  return head;
}

function savePng(name, drawing) {
  const image = new Image(),
    url = URL.createObjectURL(new Blob([drawing.text], {type: "image/svg+xml"}));
  image.addEventListener("load", () => {
    const canvas = h("canvas", {width: 2 * drawing.width, height: 2 * drawing.height});
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(blob => save(name, blob), "image/png");
    URL.revokeObjectURL(url);
  });
  image.src = url;
}

// A figure. title, note: texts; name: of saved files; wide: takes the whole width; tall: two rows; table(): {columns, rows} of its data;
// draw(width): an SVG element, or any other, drawn anew when the width changes, and with `themed` when the colours do. Returns the element, whose `redraw` draws it.
function figure({title, note, name, wide, tall, themed, table, draw, above, beside}) {
  const plot = h("div", {class: "plot"}),
    tools = h("div", {class: "tools"});
  const file = name || title;
  const tool = (label, what, act) =>
    tools.append(
      h(
        "button",
        {type: "button", "aria-label": `Save ${what}: ${short(title, 60)}`, title: `Save ${what}`, onclick: act},
        label,
      ),
    );
  const element = h(
    "figure",
    {class: wide ? "wide" : tall && "tall"},
    h("figcaption", null, h("h3", null, title), tools),
    note && h("p", {class: "note"}, note),
    above,
    beside ? h("div", {class: "pair"}, plot, beside) : plot,
  );
  const drawing = () => standalone(plot.querySelector("svg"), title, [...element.querySelectorAll(".readout .key")]);
  let width = 0;
  if (table)
    tool("CSV", "the figures as CSV", () => save(file + ".csv", new Blob([csvText(table())], {type: "text/csv"})));
  element.redraw = () => {
    if (width <= 0) return;
    const focused = plot.contains(document.activeElement) && document.activeElement.matches("svg");
    plot.replaceChildren(draw(width));
    if (focused) plot.querySelector("svg").focus();
    // a drawing that is wider than its place is scrolled by the keyboard too
    const scrolls = plot.scrollWidth > plot.clientWidth && !plot.querySelector("[tabindex]");
    for (const [key, value] of Object.entries({tabindex: 0, role: "group", "aria-label": short(title, 60)}))
      if (scrolls) plot.setAttribute(key, value);
      else plot.removeAttribute(key);
  };
  const observer = new ResizeObserver(() => {
    const now = Math.floor(plot.clientWidth);
    if (now > 0 && now !== width) {
      width = now;
      element.redraw();
      if (plot.querySelector("svg") && tools.childElementCount < 2) {
        tool("SVG", "the drawing as SVG", () =>
          save(file + ".svg", new Blob([drawing().text], {type: "image/svg+xml"})),
        );
        tool("PNG", "the drawing as PNG", () => savePng(file + ".png", drawing()));
      }
    }
  });
  observer.observe(plot);
  // Paper is narrow, and what is drawn for it keeps the size of its letters.
  window.addEventListener("beforeprint", () => {
    if (width > 0 && element.isConnected) plot.replaceChildren(draw(wide ? PRINTED.wide : PRINTED.narrow));
  });
  window.addEventListener("afterprint", element.redraw);
  if (themed) document.addEventListener("themed", () => element.redraw());
  return element;
}

// An SVG with axes. x, y: D3 scales without ranges; label, xLabel, yLabel: texts. Returns {svg, x, y, inner}: selections and
// scales with ranges; `inner` is clipped to the axes.
let clips = 0;

// Of words side by side so many have a tick as there is room for, `each` pixels apart.
function spaced(axis, each) {
  const scale = axis.scale(),
    words = scale.domain(),
    [from, to] = scale.range(),
    step = Math.ceil((words.length * each) / Math.abs(to - from));
  return scale.step && step > 1 ? axis.tickValues(words.filter((_, i) => i % step === 0)) : axis;
}

function ticked(axis, count, format) {
  if (typeof format === "function") return axis.tickFormat(format);
  const most = Math.max(...axis.scale().domain().map(Math.abs));
  axis.ticks(count, format);
  return format === undefined && isNumber(most) && (most < 0.01 || most >= 1e5)
    ? axis.tickFormat(value => brief(value, 3))
    : axis;
}

function axes({
  width,
  height = 250,
  x,
  y,
  xTicks,
  xValues,
  label,
  xLabel,
  yLabel,
  left = 48,
  right = 22,
  top = 12,
  bottom = 36,
  xFormat,
  yFormat,
}) {
  const svg = d3.create("svg").attrs({viewBox: [0, 0, width, height], width, height, role: "img", "aria-label": label});
  x.range([left, width - right]);
  y.range([height - bottom, top]);
  const id = `clip${clips++}`;
  svg
    .append("clipPath")
    .attr("id", id)
    .append("rect")
    .attrs({x: left, y: top, width: Math.max(0, width - left - right), height: height - top - bottom});
  svg
    .append("g")
    .attrs({class: "axis", "aria-hidden": true, transform: `translate(0,${height - bottom})`})
    .call(
      ticked(
        xValues ? d3.axisBottom(x).tickValues(xValues) : spaced(d3.axisBottom(x), 26),
        xTicks || Math.max(2, width / 90),
        xFormat,
      )
        .tickSize(-(height - top - bottom))
        .tickPadding(7),
    );
  svg
    .append("g")
    .attrs({class: "axis", "aria-hidden": true, transform: `translate(${left},0)`})
    .call(
      ticked(spaced(d3.axisLeft(y), 11), height / 50, yFormat)
        .tickSize(-(width - left - right))
        .tickPadding(6),
    );
  if (xLabel)
    svg
      .append("text")
      .attrs({class: "soft", x: width - right, y: height - 3, "text-anchor": "end"})
      .text(xLabel);
  if (yLabel) svg.append("text").attrs({class: "soft", x: 2, y: 10}).text(yLabel);
  return {svg, x, y, inner: svg.append("g").attr("clip-path", `url(#${id})`)};
}

// A sample of how a series is drawn.
function key(i, label, value) {
  const line = d3.create("svg").attrs({width: 20, height: 8, "aria-hidden": true});
  line
    .append("line")
    .attrs({x2: 20, y1: 4, y2: 4, stroke: seriesColour(i), "stroke-width": 2.5, "stroke-dasharray": seriesDash(i)});
  return h("span", {class: "key"}, line.node(), h("bdi", null, label), value !== undefined && h("b", null, value));
}
