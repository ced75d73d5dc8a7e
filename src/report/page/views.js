// The tables of sections, and the page: a view for each run and each sweep, and one of all runs together.
// A section: {id, title: text, or a function of the thing, has(thing): whether there is something to draw, draw(thing):
// elements}.

const RUN_SECTIONS = [
  {id: "summary", has: () => true, draw: drawRunSummary},
  {id: "curves", title: "Training", has: run => at(run, "metrics", "rows") > 0, draw: drawRunCurves},
  {id: "confusion", title: "What is taken for what", has: run => at(run, "classes", "matrix"), draw: drawConfusion},
  {
    id: "classes",
    title: run => (at(run, "data", "kind") === "labels" ? "Label by label" : "Class by class"),
    has: run => at(run, "classes", "list") || (at(run, "data", "kind") === "labels" && run.values),
    draw: drawClasses,
  },
  {
    id: "values",
    title: "Predictions and errors",
    has: run => at(run, "data", "kind") === "numbers" && run.values,
    draw: drawValues,
  },
  {id: "mistakes", title: "Where it is most wrong", has: run => run.classes || run.values, draw: drawMistakes},
  {id: "importance", title: "What inputs are worth", has: run => run.importance, draw: drawImportance},
  {id: "weights", title: "First weights", has: run => run.weights, draw: drawWeights},
  {id: "health", title: "Health of layers", has: run => healthColumns(run).length > 0, draw: drawHealth},
  {id: "network", title: "Network", has: run => run.network, draw: drawNetwork},
  {id: "repeat", title: "How to repeat it", has: () => true, draw: drawRepeat},
];

const SWEEP_SECTIONS = [
  {id: "summary", has: sweep => sweep.settings, draw: drawSweepSummary},
  {
    id: "best",
    title: "Best settings",
    has: sweep => hasValues(sweep) && sweep.settings.count.some(c => c > 1),
    draw: drawSweepBest,
  },
  {
    id: "progress",
    title: "Best so far",
    has: sweep => hasValues(sweep) && sweep.settings.value.length > 1,
    draw: drawSweepProgress,
  },
  {
    id: "parameters",
    title: "Each parameter",
    has: sweep => hasValues(sweep) && variedOf(sweep) > 0,
    draw: drawSweepParameters,
  },
  {id: "pairs", title: "Pairs", has: sweep => hasValues(sweep) && variedOf(sweep) > 1, draw: drawSweepPairs},
  {
    id: "parallel",
    title: "All parameters",
    has: sweep => hasValues(sweep) && variedOf(sweep) > 1,
    draw: drawSweepParallel,
  },
  {
    id: "settings",
    title: "Settings",
    has: sweep => sweep.settings && sweep.settings.value.length > 0,
    draw: drawSweepTable,
  },
  {id: "curves", title: "Curves", has: sweep => at(sweep, "curves", "epochs", "length") > 0, draw: drawSweepCurves},
  {id: "rungs", title: "Rungs", has: sweep => at(sweep, "rungs", "length") > 0, draw: drawSweepRungs},
  {id: "failures", title: "Failures", has: sweep => at(sweep, "errors", "length") > 0, draw: drawSweepFailures},
  {id: "repeat", title: "How to repeat it", has: sweep => sweep.section, draw: drawSweepRepeat},
];

const hasValues = sweep => sweep.settings && sweep.settings.value.some(isNumber);
const variedOf = sweep => sweepModel(sweep).parameters.filter(p => p.distinct.length > 1).length;

// Of all runs of the page: {runs}.
const COMPARE_SECTIONS = [
  {id: "table", title: "Side by side", has: () => true, draw: drawCompareTable},
  {
    id: "curves",
    title: "Curves",
    has: ({runs}) => runs.some(run => at(run, "metrics", "rows") > 0),
    draw: drawCompareCurves,
  },
];

const STATE_WORDS = {
  running: ["running", "warm"],
  interrupted: ["interrupted", "warm"],
  completed: ["completed", "good"],
  stopped_early: ["stopped early", "good"],
  diverged: ["diverged", "bad"],
  failed: ["some trials failed", "bad"],
};

function statePill(state) {
  const [words, colour] = STATE_WORDS[state] || ["not a whole run", "bad"];
  return h("span", {class: `pill ${colour}`}, words);
}

function notesOf(notes) {
  return (
    notes &&
    notes.length > 0 &&
    h(
      "div",
      {class: "notes", role: "note"},
      h(
        "ul",
        null,
        notes.map(note => h("li", null, note)),
      ),
    )
  );
}

const titleOf = (section, thing) => (typeof section.title === "function" ? section.title(thing) : section.title);

// A section that fails is said, and the others are drawn.
function drawSection(section, thing, view) {
  let drawn;
  try {
    drawn = section.draw(thing);
  } catch (error) {
    drawn = [h("p", {class: "bad"}, `This section could not be drawn: ${error.message}`)];
    console.error(error);
  }
  return h(
    "section",
    {id: `${view.id}-${section.id}`, "aria-labelledby": section.title && `${view.id}-${section.id}-title`},
    section.title && h("h2", {id: `${view.id}-${section.id}-title`}, titleOf(section, thing)),
    drawn,
  );
}

function drawView(view) {
  const sections = view.sections.filter(section => section.has(view.thing));
  const link = s => h("li", null, h("a", {href: `#${view.id}-${s.id}`}, titleOf(s, view.thing)));
  return [
    h("h1", null, h("bdi", null, view.title), " ", view.thing.state !== undefined && statePill(view.thing.state)),
    view.thing.path && h("p", {class: "soft"}, h("code", null, view.thing.path)),
    notesOf(view.thing.notes),
    sections.length > 2 &&
      h("nav", {"aria-label": "Sections"}, h("ul", {class: "contents"}, sections.filter(s => s.title).map(link))),
    sections.map(section => drawSection(section, view.thing, view)),
  ];
}

function listViews() {
  const views = [];
  if (data.runs.length > 1 && COMPARE_SECTIONS.length > 0)
    views.push({
      id: "all",
      label: "All runs",
      title: `${data.runs.length} runs`,
      thing: {runs: data.runs},
      sections: COMPARE_SECTIONS,
    });
  data.sweeps.forEach((sweep, i) =>
    views.push({id: `sweep${i}`, label: sweep.name, title: sweep.name, thing: sweep, sections: SWEEP_SECTIONS}),
  );
  data.runs.forEach((run, i) =>
    views.push({id: `run${i}`, label: run.name, title: run.name, thing: run, sections: RUN_SECTIONS}),
  );
  return views;
}

function showView(view, buttons) {
  const main = document.getElementById("main");
  main.replaceChildren(...[notesOf(data.notes), drawView(view)].flat(2).filter(Boolean));
  document.title = `${short(view.title, 60)} · chainrule report`;
  buttons.forEach((button, id) => button.setAttribute("aria-current", id === view.id));
}

function start() {
  const views = listViews(),
    buttons = new Map();
  theme.init();
  if (views.length > 1)
    for (const view of views)
      buttons.set(
        view.id,
        h(
          "button",
          {
            type: "button",
            title: view.label,
            onclick: () => {
              showView(view, buttons);
              window.scrollTo(0, 0);
            },
          },
          h("bdi", null, short(view.label)),
        ),
      );
  document.getElementById("views").append(...buttons.values());
  showView(views[0], buttons);
  document
    .getElementById("footer")
    .append(
      `Made by chainrule ${data.program}` +
        (data.made ? `, ${data.made.replace("T", " ").replace("Z", " UTC")}` : "") +
        ". This file holds all of it, and loads nothing from elsewhere.",
    );
}

start();
