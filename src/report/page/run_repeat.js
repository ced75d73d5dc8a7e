// How to repeat the run: commands, where it ran, its whole config.

const quoteShell = text => (/^[\w./+:@%=-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'");

function drawRepeat(run) {
  const path = quoteShell(run.path),
    s = run.summary || {},
    blas = s.blas || {};
  const commands = [
    [
      `chainrule train ${quoteShell(run.path + "/config.json")}`,
      "the same run again, into a new directory; the same bits on the same kernel",
    ],
    [`chainrule eval ${path}`, "its figures"],
    [`chainrule predict ${path} FILE`, "predictions for new rows or pictures"],
    ...(run.state === "interrupted" ? [[`chainrule resume ${path}`, "goes on where it was"]] : []),
  ];
  const facts = [
    ["program", s.version && `chainrule ${s.version}`],
    ["seed", s.seed ?? at(run, "config", "seed")],
    ["threads", s.threads ?? at(run, "config", "training", "threads")],
    ["matrix products", blas.library && `${blas.library}, kernel ${blas.kernel}`],
    ["small products", blas.small_products],
    ["repeats to the bit", s.bit_exact === false ? "no: kernel or program changed in between" : s.version && "yes"],
    ["steps", s.steps],
    ["seconds", s.time_s],
    ["samples per second", s.samples_per_second],
    ["parameters", s.parameters],
  ].filter(([, value]) => value !== undefined && value !== null && value !== false);
  const config = run.config && JSON.stringify(run.config, null, 2);
  return [
    h(
      "pre",
      {tabindex: 0, "aria-label": "Commands"},
      commands.map(([command, why]) => `# ${why}\n${command}\n`).join("\n"),
    ),
    facts.length > 0 &&
      tableOf(
        ["environment", "value"],
        facts.map(([name, value]) => [name, isNumber(value) ? exact(value) : String(value)]),
        "Environment",
      ),
    config &&
      h(
        "details",
        null,
        h("summary", null, "The whole config, with every default"),
        h(
          "p",
          null,
          h(
            "button",
            {
              type: "button",
              onclick: () => save(`${run.name}_config.json`, new Blob([config + "\n"], {type: "application/json"})),
            },
            "Save config.json",
          ),
        ),
        h("pre", {tabindex: 0, "aria-label": "Config"}, config),
      ),
  ];
}
