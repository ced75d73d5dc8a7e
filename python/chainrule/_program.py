"""Sweeps, and runs that lie on the disk: by the program, which the package has beside the library."""

from __future__ import annotations

import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

import numpy as np

from ._data import as_plain, column_values, is_table, join_target
from ._library import ChainruleError, ConfigError, find
from ._train import ConfigLike, list_overrides, read_config

if TYPE_CHECKING:
    import pandas


def find_program() -> str:
    """The program that was built with the library."""
    beside = pathlib.Path(find()).resolve().parent / "chainrule"
    if not beside.is_file():
        raise ImportError(f"there is no program at {beside}; install the package with pip, or build the whole source tree")
    return str(beside)


def run_program(*arguments: Union[str, os.PathLike], quiet: bool = True) -> str:
    """What the program prints. Its errors are exceptions; status 130 is Ctrl-C, which it has seen too."""
    done = subprocess.run([find_program(), *(os.fspath(argument) for argument in arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE if quiet else None, text=True)
    if done.returncode == 0:
        return done.stdout
    if done.returncode == 130:
        raise KeyboardInterrupt
    text = (done.stderr or "").strip() or f"the program ended with status {done.returncode}"
    raise (ConfigError if done.returncode == 2 else ChainruleError)(text)


def write_data(directory: pathlib.Path, part: str, data: Any, section: dict) -> None:
    """Writes arrays or a table into files, and names them in the config's "data"."""
    table, target = join_target(data, section.get("target"))
    if target:
        section["target"] = target
    if is_table(table):
        import pandas
        columns = {str(name): column_values(table.iloc[:, i]) for i, name in enumerate(table.columns)}
        pandas.DataFrame(columns).to_csv(directory / f"{part}.csv", index=False)
        section[part], section["header"] = str(directory / f"{part}.csv"), True
        return
    X, y = table
    section[part] = {}
    for name, values in (("inputs", X), ("targets", y)):
        path = directory / f"{part}_{name}.npy"
        np.save(path, as_plain(values))
        section[part][name] = str(path)


def write_config(directory: pathlib.Path, config: ConfigLike, data: Any) -> str:
    """The config with its data in files beside it."""
    text, path = read_config(config)
    if path is not None and data is None:
        return path
    parsed = json.loads(text) if isinstance(text, str) else json.loads(json.dumps(text))
    section = parsed.setdefault("data", {})
    for part, values in (data if isinstance(data, Mapping) else {"train": data} if data is not None else {}).items():
        write_data(directory, part, values, section)
    written = directory / "config.json"
    written.write_text(json.dumps(parsed))
    return str(written)


def load_runs(directory: Union[str, os.PathLike], sort: Optional[str] = None) -> "pandas.DataFrame":
    """What ran in a directory of a sweep, of a run, or of several of both: a row a setting, the best first.

    sort: the metric to rank by, such as "validation_loss" (of a sweep: its own).
    """
    import pandas
    more = ["--sort", sort] if sort else []
    return pandas.read_csv(io.StringIO(run_program("runs", directory, "--format", "csv", *more)))


def sweep(config: ConfigLike, data: Any = None, *, output: Union[str, os.PathLike, None] = None, jobs: Optional[int] = None,
          progress: bool = False, **overrides: Any) -> "pandas.DataFrame":
    """Runs the trials that the config's "sweep" section describes, in processes of one thread each, and returns load_runs().

    config, data, overrides: as for train(). output: the sweep's directory, where the best model is in output/best and the same
    call again takes up what is not done yet; None: a temporary one, which is gone afterwards. jobs: processes; None: one a
    processor. progress: the program's, on stderr.
    """
    with tempfile.TemporaryDirectory(prefix="chainrule-") as temporary:
        place = pathlib.Path(output) if output is not None else pathlib.Path(temporary) / "sweep"
        files = pathlib.Path(temporary)
        if output is not None and data is not None:
            files = place.with_name(place.name + "-data")  # which its models' configs name
            files.mkdir(parents=True, exist_ok=True)
        options = ["-o", str(place)] + (["-j", str(jobs)] if jobs else []) + ([] if progress else ["-q"])
        run_program("sweep", write_config(files, config, data), *list_overrides(overrides), *options, quiet=not progress)
        return load_runs(place)


def main() -> None:
    """The command `chainrule`."""
    program = find_program()
    os.execv(program, ["chainrule", *sys.argv[1:]])
