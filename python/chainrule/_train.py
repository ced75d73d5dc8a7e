"""chainrule.train() and what it returns."""

from __future__ import annotations

import html
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Union

import numpy as np

from ._core import PARTS, Experiment, Model, TrainResult
from ._library import VERSION

if TYPE_CHECKING:
    import pandas

ConfigLike = Union[str, os.PathLike, Mapping[str, Any]]


def read_config(config: ConfigLike) -> tuple[Union[str, Mapping[str, Any]], Optional[str]]:
    """The config as a dict or text, and its path where it is a file."""
    if isinstance(config, Mapping):
        return config, None
    text = os.fspath(config)
    if text.lstrip().startswith("{"):
        return text, None
    with open(text, encoding="utf-8") as file:
        return file.read(), text


def list_overrides(overrides: Mapping[str, Any], before: str = "") -> list[str]:
    """training__epochs=40, {"training.epochs": 40} and training={"epochs": 40} as "training.epochs=40"."""
    found = []
    for key, value in overrides.items():
        path = before + key.replace("__", ".")
        if isinstance(value, Mapping) and value and "type" not in value:
            found += list_overrides(value, path + ".")
        else:
            found.append(f"{path}={json.dumps(value)}")
    return found


def is_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


class Progress:
    """A line that tells how far a training is, in a notebook's cell or on a terminal."""

    EVERY_SECONDS = 0.2

    def __init__(self) -> None:
        self.next = time.monotonic() + self.EVERY_SECONDS
        self.handle: Any = None
        self.notebook = is_notebook()
        self.shown = False

    def __call__(self, epoch: Any) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + self.EVERY_SECONDS
        text = f"epoch {epoch.epoch}, train loss {epoch.train.loss:.4g}"
        if epoch.validation.examples:
            text += f", validation loss {epoch.validation.loss:.4g}"
        self.show(text)

    def show(self, text: str) -> None:
        self.shown = True
        if not self.notebook:
            sys.stderr.write(f"\r{text}\033[K")
            sys.stderr.flush()
            return
        from IPython.display import display  # type: ignore[import-not-found]
        if self.handle is None:
            self.handle = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self.handle.update({"text/plain": text}, raw=True)

    def end(self) -> None:
        if self.shown and not self.notebook:
            sys.stderr.write("\r\033[K")
        elif self.handle is not None:
            self.handle.update({"text/plain": ""}, raw=True)


class Run:
    """A training that has ended, and may go on.

    model: the Model. metrics: a DataFrame, a row an epoch. summary: a dict as a run's summary.json. status: "completed",
    "stopped_early" or "interrupted" (by Ctrl-C, or by a callback). config: with all defaults. warnings: what is legal and
    surely a mistake. In a notebook a Run shows its curves.
    """

    def __init__(self, experiment: Experiment, result: TrainResult):
        self._experiment, self._result = experiment, result
        self.model: Model = experiment.model
        self.warnings: list[str] = experiment.warnings

    @property
    def status(self) -> str:
        return self._result.status

    @property
    def config(self) -> dict[str, Any]:
        return self.model.config

    @property
    def history(self) -> dict[str, np.ndarray]:
        """Figures of every epoch, an array a figure."""
        return self._experiment.history()

    @property
    def metrics(self) -> "pandas.DataFrame":
        import pandas
        return pandas.DataFrame(self.history)

    @property
    def summary(self) -> dict[str, Any]:
        result, config = self._result, self.config
        kept = "rmse" if self.model.kind == "numbers" else "accuracy"
        found: dict[str, Any] = {"status": result.status, "epochs": result.epochs, "steps": result.steps, "time_s": result.seconds,
                                 "samples_per_second": result.samples_per_second,
                                 "parameters": sum(tensor.size for tensor in self.model.weights().values())}
        for part in PARTS:
            if part in result.figures:
                found[part] = {"loss": result.figures[part]["loss"], kept: result.figures[part][kept]}
        if result.best_epoch:
            found["best"] = {"epoch": result.best_epoch, "metric": result.best_metric, "value": result.best_value}
        return {**found, "seed": config["seed"], "threads": config["training"]["threads"], "version": VERSION}

    def go_on(self, epochs: int, progress: Optional[bool] = None) -> "Run":
        """Trains `epochs` further epochs, from where this Run is; the optimizer goes on where it was. Returns this Run."""
        self._result = train_experiment(self._experiment, epochs, progress, None, None)
        return self

    def __repr__(self) -> str:
        said = [f"{part} {kept} {figures[kept]:.4g}" for part, figures in self.summary.items() if part in PARTS
                for kept in figures]
        return f"<chainrule.Run: {self.status} after {self._result.epochs} epochs; {', '.join(said)}>"

    def _repr_html_(self) -> str:
        history = self.history
        figure = "rmse" if self.model.kind == "numbers" else "accuracy"
        charts = [draw_curves(name, history["epoch"], {part: history[f"{part}_{name}"] for part in PARTS
                                                       if f"{part}_{name}" in history}) for name in ("loss", figure)]
        return f"<div><div>{html.escape(repr(self))}</div>{''.join(charts)}</div>"


def draw_curves(title: str, x: np.ndarray, curves: Mapping[str, np.ndarray]) -> str:
    """Lines over the epochs, as inline SVG."""
    width, height, left, top, right, bottom = 380, 220, 56, 24, 12, 30
    finite = np.concatenate([y[np.isfinite(y)] for y in curves.values()] or [np.empty(0)])
    if not len(x) or not len(finite):
        return ""
    low, high = float(finite.min()), float(finite.max())
    high = high if high > low else low + (abs(low) or 1)
    first, last = float(x[0]), float(x[-1])
    across = (width - left - right) / ((last - first) or 1)
    up = (height - top - bottom) / (high - low)
    colours = {"train": "#1f77b4", "validation": "#d95f02"}
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title} by epoch" width="{width}" height="{height}" '
             'font-family="sans-serif" font-size="11" fill="currentColor">',
             f'<text x="{left}" y="14" font-weight="bold">{title}</text>']
    for value in (low, (low + high) / 2, high):
        y = height - bottom - (value - low) * up
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" stroke-opacity="0.2"/>'
                     f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    parts.append(f'<text x="{left}" y="{height - bottom + 16}">{first:.0f}</text>'
                 f'<text x="{width - right}" y="{height - bottom + 16}" text-anchor="end">epoch {last:.0f}</text>')
    for i, (name, values) in enumerate(curves.items()):
        points = " ".join(f"{left + (a - first) * across:.1f},{height - bottom - (b - low) * up:.1f}"
                          for a, b in zip(x, values) if np.isfinite(b))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[name]}" stroke-width="1.5"/>')
        if len(x) == 1:
            parts.append(f'<circle cx="{left}" cy="{points.split(",")[1]}" r="3" fill="{colours[name]}"/>')
        parts.append(f'<text x="{width - right - 80 * (len(curves) - 1 - i)}" y="14" text-anchor="end" fill="{colours[name]}">'
                     f'{name}</text>')
    return "".join(parts) + "</svg>"


def train_experiment(experiment: Experiment, epochs: Optional[int], progress: Optional[bool],
                     on_epoch: Optional[Callable[[Any], Any]], on_step: Optional[Callable[[Any], Any]]) -> TrainResult:
    shown = Progress() if progress or (progress is None and is_notebook()) else None

    def both(epoch: Any) -> Any:
        if shown is not None:
            shown(epoch)
        return on_epoch(epoch) if on_epoch is not None else None

    try:
        return experiment.train(epochs, both if shown is not None else on_epoch, on_step)
    finally:
        if shown is not None:
            shown.end()


def train(config: ConfigLike, data: Any = None, *, progress: Optional[bool] = None, on_epoch: Optional[Callable[[Any], Any]] = None,
          on_step: Optional[Callable[[Any], Any]] = None, precision: str = "float32", **overrides: Any) -> Run:
    """Trains by a config.

    config: the path of one, or a dict. data: what to train on in place of what the config names:

    - (X, y) or (X, y, weights): X [n, features] or pictures [n, (channels,) height, width], y [n] classes or numbers, or
      [n, targets], weights [n];
    - a DataFrame with the column that the config's data.target names, or (DataFrame, y): columns of numbers, words or dates,
      with gaps;
    - {"train": ..., "validation": ..., "test": ...} of these.

    overrides: values of the config, such as training__epochs=40, training={"epochs": 40} or **{"training.epochs": 40}.
    progress: True shows it, False does not; in a notebook it is shown. on_epoch(epoch) and on_step(progress) are called after
    every one, and end the training when they return False. Ctrl-C ends it after the step that is being done, and the Run's
    status is "interrupted". precision: "float32", or "float64", which takes twice as long or more.

    What is wrong with the config or the data is a ConfigError or a DataError, all of it at once.
    """
    text, path = read_config(config)
    parts = data if isinstance(data, Mapping) else {} if data is None else {"train": data}
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"data has {', '.join(sorted(map(str, unknown)))}; expected {', '.join(PARTS)}")
    experiment = Experiment(text, overrides=list_overrides(overrides), path=path, precision=precision, **parts)
    return Run(experiment, train_experiment(experiment, None, progress, on_epoch, on_step))
