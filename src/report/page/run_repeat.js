// How to repeat the run: commands, where it ran, its whole config.

const quoteShell = text => (/^[\w./+:@%=-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'");

// Commands, and what each does in a comment, which ends in its line whatever names are in it.
const commandList = commands =>
  h(
    "pre",
    {class: "commands", tabindex: 0, "aria-label": "Commands"},
    commands.map(([command, why]) => `# ${why.replace(/[\0-\x1f\x7f\u2028\u2029]+/g, " ")}\n${command}\n`).join("\n"),
  );

// A config, and a button that saves it.
const configText = (config, file) => [
  h(
    "p",
    null,
    h(
      "button",
      {type: "button", onclick: () => save(file, new Blob([config + "\n"], {type: "application/json"}))},
      `Save ${file}`,
    ),
  ),
  h("pre", {tabindex: 0, "aria-label": "Config"}, config),
];

// Paths of the config that name the data: [["data.train", "/there/iris.csv"], …].
function dataFiles(config) {
  const found = [];
  const visit = (value, path) => {
    if (typeof value === "string") found.push([path, value]);
    else if (value && typeof value === "object")
      for (const key of ["images", "labels", "inputs", "targets", "folder", "cifar10", "cifar100"])
        if (value[key]) visit(value[key], `${path}.${key}`);
    if (Array.isArray(value) && typeof value[0] === "string") found.push([path, value.join(", ")]);
  };
  for (const part of ["train", "validation", "test"]) visit(at(config, "data", part), `data.${part}`);
  return found;
}

// Where the data lay, and how to say where they are now.
function dataWords(config) {
  const files = dataFiles(config);
  return files.length > 0
    ? `the data are to lie where it says, or say where: ${files.map(([path]) => `${path}=…`).join(" ")}`
    : "its data came from a program's memory";
}

function drawRepeat(run) {
  const path = quoteShell(run.path),
    s = run.summary || {},
    blas = s.blas || {},
    file = `${run.name}_config.json`.replace(/[^\w.-]+/g, "_"),
    crc = at(run, "metrics", "parameters_crc32");
  const commands = [
    [
      `chainrule train ${file} -o again`,
      `the same run, from the config that the button below saves as ${file}; ${dataWords(run.config)}`,
    ],
    ...(crc
      ? [
          [
            "tail -n 1 again/metrics.csv",
            `on the same kernel and with as many threads it has ${crc} as parameters_crc32: the same to the bit`,
          ],
        ]
      : []),
    ...(run.data
      ? [
          [`chainrule eval ${path}`, "with its directory at hand: its figures"],
          [`chainrule predict ${path} FILE`, "predictions for new rows or pictures"],
        ]
      : []),
    ...(run.state === "interrupted" ? [[`chainrule resume ${path}`, "goes on where it was"]] : []),
  ];
  const facts = [
    ["program", s.version && `chainrule ${s.version}`],
    ...dataFiles(run.config).map(([path, file]) => [path, file]),
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
    commandList(commands),
    facts.length > 0 &&
      tableOf(
        ["environment", "value"],
        facts.map(([name, value]) => [name, isNumber(value) ? exact(value) : String(value)]),
        "Environment",
      ),
    config && h("details", null, h("summary", null, "The whole config, with every default"), configText(config, file)),
  ];
}
