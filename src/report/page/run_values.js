// Of numbers: predicted against true, and the errors.

function drawValues(run) {
  const list = run.values.list;
  return [
    h("p", {class: "soft"}, examplesWords(run)),
    run.values.count > list.length &&
      h("p", {class: "soft"}, `The first ${list.length} of ${run.values.count} targets.`),
    list.map(target =>
      h(
        "div",
        null,
        list.length > 1 && h("h3", null, target.name),
        infiniteNote(target),
        finitePairs(target).length > 0 &&
          h(
            "div",
            {class: "figures"},
            truthFigure(run, target),
            residualFigure(run, target),
            residualBars(run, target),
          ),
      ),
    ),
  ];
}

// Pairs of what was said and what is right, both finite: a value that overflowed has no place in a drawing.
const finitePairs = target =>
  target.said.map((v, i) => [v, target.right[i]]).filter(([said, right]) => isNumber(said) && isNumber(right));

// What is predicted less what is right; null where one of them is infinite or no number.
const errorOf = (said, right) => (isNumber(said) && isNumber(right) ? said - right : null);

function infiniteNote(target) {
  const lost = target.said.length - finitePairs(target).length;
  return (
    lost > 0 &&
    h(
      "p",
      {class: "bad"},
      `${plural(lost, "prediction")} of ${target.said.length.toLocaleString("en")} ${lost === 1 ? "is" : "are"} infinite or no number, and not drawn.`,
    )
  );
}

function valueTable(target) {
  return {
    columns: ["right", "predicted", "error"],
    rows: target.right.map((v, i) => [v, target.said[i], errorOf(target.said[i], v)]),
  };
}

function dots(inner, points) {
  inner
    .selectAll("circle")
    .data(points)
    .join("circle")
    .attrs({
      cx: p => p[0],
      cy: p => p[1],
      r: points.length > 400 ? 2 : 3.2,
      fill: "var(--s1)",
      "fill-opacity": points.length > 400 ? 0.35 : 0.55,
    });
}

function truthFigure(run, target) {
  const pairs = finitePairs(target),
    [low, high] = d3.extent(pairs.flat());
  return figure({
    title: "Predicted against true",
    note: "On the dotted line it is right.",
    name: `${run.name}_${target.name}_predicted`,
    table: () => valueTable(target),
    draw: width => {
      const scale = () => d3.scaleLinear().domain([low, high]).nice();
      const {svg, x, y, inner} = axes({
        width,
        height: 300,
        x: scale(),
        y: scale(),
        left: 56,
        top: 22,
        label: `Predicted against true ${target.name}`,
        xLabel: `true ${short(target.name, 30)}`,
        yLabel: "predicted",
      });
      const [a, b] = x.domain();
      inner.append("line").attrs({class: "rule", x1: x(a), y1: y(a), x2: x(b), y2: y(b)});
      dots(
        inner,
        pairs.map(([said, right]) => [x(right), y(said)]),
      );
      return svg.node();
    },
  });
}

function residualFigure(run, target) {
  const points = finitePairs(target).map(([said, right]) => [said, said - right]);
  return figure({
    title: "Errors by what is predicted",
    note: "Predicted minus true: a slope or a funnel says that something is left to learn.",
    name: `${run.name}_${target.name}_errors`,
    table: () => valueTable(target),
    draw: width => {
      const extent = k => d3.extent(points, p => p[k]);
      const {svg, x, y, inner} = axes({
        width,
        height: 300,
        x: d3.scaleLinear().domain(extent(0)).nice(),
        y: d3.scaleLinear().domain(extent(1)).nice(),
        left: 56,
        top: 22,
        label: `Errors of ${target.name} by what is predicted`,
        xLabel: "predicted",
        yLabel: "error",
      });
      inner.append("line").attrs({class: "rule", x1: 0, x2: width, y1: y(0), y2: y(0)});
      dots(
        inner,
        points.map(([said, error]) => [x(said), y(error)]),
      );
      return svg.node();
    },
  });
}

function residualBars(run, target) {
  const errors = finitePairs(target).map(([said, right]) => said - right),
    bins = d3.histogram().thresholds(24)(errors);
  return figure({
    title: "How large the errors are",
    note: "Predicted minus true: right of 0 too much was predicted, left of it too little.",
    name: `${run.name}_${target.name}_histogram`,
    table: () => ({columns: ["from", "to", "examples"], rows: bins.map(b => [b.x0, b.x1, b.length])}),
    draw: width => {
      const {svg, x, y, inner} = axes({
        width,
        x: d3.scaleLinear().domain([bins[0].x0, bins[bins.length - 1].x1]),
        y: d3
          .scaleLinear()
          .domain([0, d3.max(bins, b => b.length)])
          .nice(),
        top: 22,
        label: `Histogram of the errors of ${target.name}`,
        xLabel: "error",
        yLabel: "examples",
      });
      inner
        .selectAll("rect")
        .data(bins)
        .join("rect")
        .attrs({
          x: b => x(b.x0) + 0.5,
          width: b => Math.max(0, x(b.x1) - x(b.x0) - 1),
          y: b => y(b.length),
          height: b => y(0) - y(b.length),
          fill: "var(--s1)",
        })
        .append("title")
        .text(b => `${brief(b.x0)} to ${brief(b.x1)}: ${plural(b.length, "example")}`);
      return svg.node();
    },
  });
}
