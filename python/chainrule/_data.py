"""What the library reads: NumPy's arrays, and pandas' tables, as the structs that describe them."""

from __future__ import annotations

import sys
from typing import Any, Optional, Sequence

import numpy as np

from ._library import Arrays, TableColumn, View

KINDS = {"u": 0, "i": 1, "f": 2, "S": 3, "U": 4}


def as_plain(values: Any) -> np.ndarray:
    """The array as one of those that the library reads: numbers or texts of NumPy's own."""
    array = np.asarray(values)
    if array.dtype.kind == "b":
        return array.view(np.uint8) if array.flags.c_contiguous else array.astype(np.uint8)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(np.float64)
    if array.dtype.kind == "O":
        return array.astype(str) if any(isinstance(value, str) for value in array.flat) else array.astype(np.float64)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"an array of {array.dtype}; numbers or texts were expected")
    return array


def is_table(values: Any) -> bool:
    """Whether it is a DataFrame; who has one has imported pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(values, pandas.DataFrame)


def fill_view(view: View, array: np.ndarray) -> None:
    if not 1 <= array.ndim <= 4:
        raise ValueError(f"an array of {array.ndim} dimensions; 1 to 4 were expected")
    kind = array.dtype.kind
    view.data = array.__array_interface__["data"][0]
    view.kind = KINDS[kind]
    view.size = array.dtype.itemsize
    view.big_endian = array.dtype.byteorder == ">"  # this is for little-endian machines
    view.rank = array.ndim
    view.dim[:array.ndim] = array.shape
    view.stride[:array.ndim] = array.strides


def fill_arrays(arrays: Arrays, part: Sequence[Any], classes: Any = None) -> list:
    """(X, y) or (X, y, weights): the arrays that have to stay while the library reads them."""
    kept = []
    X, y, weights = (*part, None)[:3]
    for view, values in ((arrays.inputs, X), (arrays.targets, y), (arrays.weights, weights), (arrays.classes, classes)):
        if values is not None:
            kept.append(as_plain(values))
            if kept[-1].size == 0:
                raise ValueError(f"an array of shape {kept[-1].shape}: it holds nothing")
            fill_view(view, kept[-1])
    return kept


def column_values(column: Any) -> np.ndarray:
    """A column of a DataFrame as it would stand in a file: numbers with NaN for a gap, or texts with "" for one."""
    kind = getattr(column.dtype, "kind", "O")
    if kind in "iuf":
        try:
            return column.to_numpy(np.float64, na_value=np.nan) if kind == "f" or column.hasnans else column.to_numpy()
        except TypeError:
            return column.to_numpy(np.float64)
    if kind == "M":
        texts = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        return np.where(column.isna(), "", texts).astype(str)
    gaps = column.isna().to_numpy()
    texts = column.astype(object).to_numpy().astype(str)
    return np.where(gaps, "", texts) if gaps.any() else texts


def fill_table(arrays: Arrays, table: Any) -> list:
    """The columns of a DataFrame by their names: what has to stay while the library reads them."""
    if not len(table) or not len(table.columns):
        raise ValueError(f"a table of shape {table.shape}: it holds nothing")
    columns = (TableColumn * len(table.columns))()
    kept: list = [columns]
    for i, name in enumerate(table.columns):
        kept += [str(name).encode(), column_values(table.iloc[:, i])]
        columns[i].name = kept[-2]
        fill_view(columns[i].values, kept[-1])
    arrays.columns, arrays.column_count = columns, len(columns)
    return kept


def fill(arrays: Arrays, part: Any, classes: Any = None) -> list:
    """A DataFrame with its target, or (X, y) or (X, y, weights)."""
    return fill_table(arrays, part) if is_table(part) else fill_arrays(arrays, part, classes)


def join_target(part: Any, target: Optional[str]) -> tuple[Any, Optional[str]]:
    """(DataFrame, y) as one table, and the name of its target: the one given, y's own, or "target"."""
    if not (isinstance(part, (tuple, list)) and len(part) and is_table(part[0])):
        return part, None
    if len(part) != 2 or part[1] is None:
        raise ValueError(f"{len(part)} parts; a DataFrame and its targets were expected (the column of a weight is named in "
                         "\"data.weight\")")
    name = target or getattr(part[1], "name", None) or "target"
    if len(part[1]) != len(part[0]):
        raise ValueError(f"{len(part[1])} targets, but the table has {len(part[0])} rows")
    return part[0].assign(**{str(name): np.asarray(part[1])}), str(name)
