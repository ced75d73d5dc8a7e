// Of one sweep: a table of settings to sort and to filter; the filters hold for all figures of the sweep.

const PAGE_ROWS = 25;
const grouped = count => count.toLocaleString("en");

function drawSweepTable(sweep) {
  const model = sweepModel(sweep),
    s = sweep.settings,
    state = {field: model.fields[0], down: false, first: 0, order: []};
  const body = h("tbody"),
    status = h("p", {class: "soft", role: "status"});
  const turn = (label, step) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          state.first += step;
          fill();
        },
      },
      label,
    );
  const back = turn("Previous", -PAGE_ROWS),
    on = turn("Next", PAGE_ROWS);
  const sort = () => {
    const get = state.field.get,
      sign = state.down ? -1 : 1;
    const less = (a, b) =>
      typeof a === "number" && typeof b === "number"
        ? a - b
        : String(a).localeCompare(String(b), "en", {numeric: true});
    state.order = d3.range(model.count).filter(i => model.seen[i]);
    // what has no value comes last, whichever way
    state.order.sort((i, j) => {
      const a = get(i),
        b = get(j),
        none = (a === null) - (b === null);
      return none || (a === null ? 0 : sign * less(a, b)) || i - j;
    });
  };
  const cell = (field, i) => {
    if (field.id !== "rank")
      return h(
        "td",
        {class: field.numeric && "number"},
        field.numeric ? exact(field.get(i)) : h("bdi", {title: field.get(i)}, short(field.get(i), 48)),
      );
    return h(
      "td",
      {class: "number"},
      h(
        "button",
        {
          type: "button",
          class: "pick",
          "aria-pressed": String(model.picked === i),
          title: "Show it in the figures",
          onclick: () => model.pick(i),
        },
        String(i + 1),
      ),
      s.tied[i] && i > 0 ? h("span", {title: "within the noise of the best"}, " ≈") : "",
    );
  };
  const fill = () => {
    state.first = Math.max(0, Math.min(state.first, Math.floor((state.order.length - 1) / PAGE_ROWS) * PAGE_ROWS));
    const shown = state.order.slice(state.first, state.first + PAGE_ROWS);
    body.replaceChildren(
      ...shown.map(i =>
        h(
          "tr",
          {"data-setting": s.setting[i]},
          model.fields.map(f => cell(f, i)),
        ),
      ),
    );
    status.textContent =
      (shown.length ? `${grouped(state.first + 1)} to ${grouped(state.first + shown.length)} of ` : "") +
      `${plural(model.left, "setting")}` +
      (model.left < model.count ? `, of ${model.count.toLocaleString("en")} in all` : "");
    back.disabled = state.first === 0;
    on.disabled = state.first + PAGE_ROWS >= state.order.length;
  };
  const heads = model.fields.map(f =>
    h(
      "th",
      {scope: "col", class: f.numeric && "number", "aria-sort": f === state.field ? "ascending" : "none"},
      h(
        "button",
        {
          type: "button",
          class: "sort",
          title: f.long,
          onclick: () => {
            state.down = state.field === f && !state.down;
            state.field = f;
            heads.forEach((head, k) =>
              head.setAttribute("aria-sort", model.fields[k] !== f ? "none" : state.down ? "descending" : "ascending"),
            );
            state.first = 0;
            sort();
            fill();
          },
        },
        f.title,
      ),
    ),
  );
  const filters = model.fields.map(f =>
    h(
      "td",
      null,
      h("input", {
        type: "text",
        size: 6,
        "aria-label": `Filter ${f.long || f.title}`,
        placeholder: f.numeric ? "> 0" : "word",
        autocomplete: "off",
        spellcheck: "false",
        oninput: event => {
          state.first = 0;
          event.target.setAttribute("aria-invalid", String(!model.filter(f, event.target.value)));
        },
      }),
    ),
  );
  model.listeners.push(what => {
    if (what === "filter") sort();
    fill();
  });
  sort();
  fill();
  const saveAll = h(
    "button",
    {type: "button", onclick: () => save(`${sweep.name}.csv`, new Blob([csvText(model.table())], {type: "text/csv"}))},
    "Save as CSV",
  );
  return [
    h(
      "p",
      {class: "soft hint"},
      "Numbers are filtered by 0.5, > 0.5, <= 64 or 8..64, words by a part of them; " +
        "the figures above show what is left. " +
        "A rank picks its setting in all figures.",
    ),
    strongestNote(model),
    h(
      "div",
      {class: "scroll", tabindex: 0, role: "group", "aria-label": "Settings"},
      h("table", {class: "settings"}, h("thead", null, h("tr", null, heads), h("tr", null, filters)), body),
      printedNote(model.fields.length),
    ),
    h("div", {class: "controls"}, back, on, saveAll, status),
  ];
}
