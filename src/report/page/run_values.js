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
        h("div", {class: "figures"}, truthFigure(run, target), residualFigure(run, target), residualBars(run, target)),
      ),
    ),
  ];
}

const residuals = target => target.said.map((v, i) => v - target.right[i]);

function valueTable(target) {
  return {
    columns: ["right", "predicted", "error"],
    rows: target.right.map((v, i) => [v, target.said[i], target.said[i] - v]),
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
  const [low, high] = d3.extent([...target.said, ...target.right].filter(isNumber));
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
        target.said.map((v, i) => [x(target.right[i]), y(v)]),
      );
      return svg.node();
    },
  });
}

function residualFigure(run, target) {
  return figure({
    title: "Errors by what is predicted",
    note: "Predicted minus true: a slope or a funnel says that something is left to learn.",
    name: `${run.name}_${target.name}_errors`,
    table: () => valueTable(target),
    draw: width => {
      const errors = residuals(target),
        {svg, x, y, inner} = axes({
          width,
          height: 300,
          x: d3.scaleLinear().domain(d3.extent(target.said)).nice(),
          y: d3.scaleLinear().domain(d3.extent(errors)).nice(),
          left: 56,
          top: 22,
          label: `Errors of ${target.name} by what is predicted`,
          xLabel: "predicted",
          yLabel: "error",
        });
      inner.append("line").attrs({class: "rule", x1: 0, x2: width, y1: y(0), y2: y(0)});
      dots(
        inner,
        errors.map((v, i) => [x(target.said[i]), y(v)]),
      );
      return svg.node();
    },
  });
}

function residualBars(run, target) {
  const errors = residuals(target),
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
