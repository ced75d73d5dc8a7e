// Examples, as pictures or as rows of a table, with what the model says and what is right.

function shareWords(run, share) {
  if (!at(run, "classes", "probabilities")) return brief(share);
  return share > 0.999 && share < 1
    ? ">\u00a099.9\u00a0%"
    : share < 0.001 && share > 0
      ? "<\u00a00.1\u00a0%"
      : percent(share);
}

// What was said or is right of an example: a class with its share, labels, numbers.
function sayWords(run, said, ofTargets) {
  if (!Array.isArray(said)) return `${short(run.classes.names[said.class], 80)} (${shareWords(run, said.share)})`;
  if (run.data.kind === "labels") {
    const names = said
      .map((share, i) => [at(run, "values", "list", i, "name") || i, share])
      .filter(([, share]) => share > 0.5);
    return names.length > 0
      ? names.map(([name, share]) => (ofTargets ? name : `${name} (${percent(share)})`)).join(", ")
      : "none";
  }
  return said.map(value => brief(value, 5)).join(", ");
}

function exampleList(run, examples, places, label) {
  const items = places.map(i => examples.items[i]);
  if (items.length === 0) return h("p", {class: "soft"}, "The page has no example of these.");
  if (items[0].picture)
    return h(
      "ul",
      {class: "pictures", "aria-label": label},
      items.map(item =>
        h(
          "li",
          null,
          h("img", {
            src: item.picture,
            alt: `row ${item.row + 1}: said ${sayWords(run, item.said)}, right ${sayWords(run, item.right, true)}`,
          }),
          h("span", {class: "bad"}, "says ", h("bdi", null, sayWords(run, item.said))),
          h("br"),
          "is ",
          h("bdi", null, sayWords(run, item.right, true)),
          item.file && [h("br"), h("span", {class: "soft"}, h("bdi", null, item.file))],
        ),
      ),
    );
  return tableOf(
    ["row", "says", "is", ...examples.columns],
    items.map(item => [
      item.row + 1,
      h("span", {class: "bad"}, sayWords(run, item.said)),
      sayWords(run, item.right, true),
      ...item.cells,
    ]),
    label,
  );
}

function drawMistakes(run) {
  const c = run.classes,
    examples = (c || run.values).examples;
  const wrong = examples.items
    .map((item, i) => i)
    .filter(i => !c || examples.items[i].said.class !== examples.items[i].right.class)
    .slice(0, 24);
  const words = c
    ? "The examples that are wrong and of which the model is most sure, the surest first."
    : run.data.kind === "labels"
      ? "The examples with the label that is furthest from what is right."
      : "The examples with the largest errors, the largest first.";
  return [
    h("p", {class: "soft"}, `${words} Rows are those of the data as it was read, from 1.`),
    exampleList(run, examples, wrong, "Mistakes"),
  ];
}
