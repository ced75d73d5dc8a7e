// What is taken for what: a matrix whose cells show their examples.

function drawConfusion(run) {
  const c = run.classes,
    n = c.shown.length,
    name = i => c.names[c.shown[i]];
  const region = h(
    "div",
    {"aria-live": "polite", class: "cell-examples"},
    h("p", {class: "soft hint"}, "Choose a cell, and its examples are shown here."),
  );
  const choose = (i, j) => {
    const places = c.examples.items
      .map((item, k) => [item, k])
      .filter(([item]) => item.right.class === c.shown[i] && item.said.class === c.shown[j])
      .map(([, k]) => k);
    const head = h(
      "h3",
      null,
      `${plural(c.matrix[i][j], "example")} of `,
      quoted(name(i), 80),
      ` ${i === j ? "rightly" : "wrongly"} taken for `,
      quoted(name(j), 80),
    );
    region.replaceChildren(
      head,
      (places.length < c.matrix[i][j] &&
        places.length > 0 &&
        h(
          "p",
          {class: "soft"},
          i === j
            ? `The ${places.length} of which it is least sure.`
            : `The ${places.length} of which it is most sure.`,
        )) ||
        "",
      c.matrix[i][j] > 0 ? exampleList(run, c.examples, places, head.textContent) : "",
    );
  };
  const table = () => ({
    columns: ["right \\ taken for", ...c.shown.map((_, j) => name(j))],
    rows: c.matrix.map((row, i) => [name(i), ...row]),
  });
  const note =
    examplesWords(run) +
    " " +
    (n < c.count ? `Of ${c.count.toLocaleString("en")} classes the ${n} with the most mistakes. ` : "") +
    "A row is what is right, a column what it is taken for; blue is right, orange is wrong, the stronger the larger the share of the row.";
  return [
    h(
      "div",
      {class: "figures"},
      figure({
        title: "Confusion matrix",
        name: `${run.name}_confusion`,
        wide: true,
        note,
        table,
        draw: width => confusionSvg(c, name, width, choose),
        beside: region,
      }),
    ),
  ];
}

function confusionSvg(c, name, width, choose) {
  const n = c.shown.length,
    letters = Math.min(14, Math.max(...c.shown.map(k => c.names[k].length)));
  const left = 30 + 7.2 * letters,
    top = 32,
    cellOf = right => Math.max(15, Math.min(n < 6 ? 64 : 46, (Math.min(width, 900) - left - right) / n));
  const tilt = letters * 7.2 > cellOf(4),
    head = tilt ? 14 + 4.8 * letters : 20;
  // how far the tilted names reach beyond the last column
  const beyond = (name, j) => 5.4 * Math.min(14, name.length) - (n - j - 0.5) * cellOf(4);
  const right = tilt ? Math.max(4, ...c.shown.map((k, j) => beyond(c.names[k], j))) : 4;
  const cell = cellOf(right);
  const size = {width: left + n * cell + right, height: top + head + n * cell + 4};
  const svg = d3
    .create("svg")
    .attrs({
      viewBox: [0, 0, size.width, size.height],
      width: size.width,
      height: size.height,
      role: "group",
      "aria-label": "Confusion matrix; arrow keys move, Enter shows examples",
    })
    .style("max-width", "none");
  svg.append("text").attrs({class: "soft", x: left, y: 14}).text("taken for →");
  svg
    .append("text")
    .attrs({class: "soft", x: 0, y: top + head - 6})
    .text("right ↓");
  labelCells(svg, {c, name, cell, left, top: top + head, tilt});
  const sums = c.shown.map(k => c.list[k].examples);
  const at = k => k * cell;
  const cells = [];
  c.matrix.forEach((row, i) =>
    row.forEach((count, j) => cells.push({i, j, count, share: sums[i] > 0 ? count / sums[i] : 0})),
  );
  const groups = svg
    .append("g")
    .attr("transform", `translate(${left},${top + head})`)
    .selectAll("g")
    .data(cells)
    .join("g")
    .attrs({
      role: "button",
      tabindex: d => (d.i + d.j === 0 ? 0 : -1),
      "aria-pressed": "false",
      "data-cell": d => `${d.i},${d.j}`,
      "aria-label": d => `${name(d.i)} taken for ${name(d.j)}: ${d.count}`,
      transform: d => `translate(${at(d.j)},${at(d.i)})`,
    });
  groups.append("rect").attrs({
    class: "mark",
    x: 1,
    y: 1,
    width: cell - 2,
    height: cell - 2,
    rx: 2,
    fill: d => (d.count === 0 ? "var(--faint)" : d.i === d.j ? "var(--s1)" : "var(--s0)"),
    "fill-opacity": d => (d.count === 0 ? 0.5 : d.i === d.j ? 0.08 + 0.42 * d.share : 0.14 + 0.36 * Math.sqrt(d.share)),
  });
  groups
    .filter(d => d.count > 0)
    .append("text")
    .attrs({x: cell / 2, y: cell / 2, "text-anchor": "middle", "dominant-baseline": "central"})
    .style("font-size", d => `${Math.min(12, cell / (String(d.count).length * 0.62))}px`)
    .text(d => d.count);
  roving(svg, groups, n, choose);
  return svg.node();
}

// The classes' names above the columns and before the rows.
function labelCells(svg, {c, name, cell, left, top, tilt}) {
  svg
    .append("g")
    .attr("aria-hidden", true)
    .selectAll("text")
    .data(c.shown)
    .join("text")
    .attrs({
      transform: (_, j) => `translate(${left + j * cell + cell / 2},${top - 7})${tilt ? " rotate(-40)" : ""}`,
      "text-anchor": tilt ? "start" : "middle",
    })
    .text((_, j) => short(name(j), 14))
    .append("title")
    .text((_, j) => name(j));
  svg
    .append("g")
    .attr("aria-hidden", true)
    .selectAll("text")
    .data(c.shown)
    .join("text")
    .attrs({
      x: left - 8,
      y: (_, i) => top + i * cell + cell / 2,
      "text-anchor": "end",
      "dominant-baseline": "central",
    })
    .text((_, i) => short(name(i), 14))
    .append("title")
    .text((_, i) => name(i));
}

// One cell takes part in the order of tabs, and arrow keys move it.
function roving(svg, groups, n, choose) {
  const nodes = groups.nodes();
  const focus = k => {
    nodes.forEach((node, i) => node.setAttribute("tabindex", i === k ? 0 : -1));
    nodes[k].focus();
  };
  const pick = k => {
    nodes.forEach((node, i) => node.setAttribute("aria-pressed", i === k));
    choose(Math.floor(k / n), k % n);
  };
  groups
    .on("click", (d, k) => {
      focus(k);
      pick(k);
    })
    .on("keydown", (d, k) => {
      const event = d3.event,
        i = Math.floor(k / n),
        j = k % n;
      const to = {
        ArrowLeft: j > 0 && k - 1,
        ArrowRight: j < n - 1 && k + 1,
        ArrowUp: i > 0 && k - n,
        ArrowDown: i < n - 1 && k + n,
      }[event.key];
      if (event.key === "Enter" || event.key === " ") pick(k);
      else if (to === undefined || to === false) return;
      else focus(to);
      event.preventDefault();
    });
}
