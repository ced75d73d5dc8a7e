#!/usr/bin/python3
"""The "residual" network of images.py over the same steps, with the rows in 4 shards: each is passed by itself, in training
mode, over running figures of its own; the step takes the mean loss of all rows, and the running figures are the mean of the
shards'. Writes residual_shards_final.safetensors beside itself (float64 PyTorch)."""

import json

import numpy as np
import torch
from torch import nn

from images import BATCH, EPOCHS, L2, NETWORKS, tensors
from layers import Images
from reference import HERE, write_tensors

SHARDS = 4


def read_tensors(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[8 + length:][slice(*t["data_offsets"])], "<f4").reshape(t["shape"])
            for name, t in header.items()}


def batches(rows):
    """For each step of an epoch the rows of every shard."""
    bounds = [rows * s // SHARDS for s in range(SHARDS + 1)]
    take = BATCH // SHARDS
    largest = max(b - a for a, b in zip(bounds, bounds[1:]))
    for first in range(0, largest, take):
        yield [range(min(a + first, b), min(a + first + take, b)) for a, b in zip(bounds, bounds[1:])]


def step(module, optimizer, x, labels, shards):
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [(m.running_mean.clone(), m.running_var.clone()) for m in norms]
    sums = [[torch.zeros_like(mean), torch.zeros_like(var)] for mean, var in before]
    weights = [value for value in module.parameters() if value.dim() > 1]
    loss, rows = L2 * sum((w ** 2).sum() for w in weights), sum(map(len, shards))
    for shard in shards:
        for m, (mean, var) in zip(norms, before):
            m.running_mean, m.running_var = mean.clone(), var.clone()
        if len(shard) > 0:
            loss = loss + nn.functional.cross_entropy(module(x[list(shard)]), labels[list(shard)], reduction="sum") / rows
        for m, total in zip(norms, sums):
            total[0] += m.running_mean / SHARDS
            total[1] += m.running_var / SHARDS
    for m, (mean, var) in zip(norms, sums):
        m.running_mean, m.running_var = mean, var
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def main():
    torch.set_default_dtype(torch.float64)
    table = np.loadtxt(HERE / "../../data/digits.csv", delimiter=",", skiprows=1)
    x, labels = torch.tensor(table[:, :-1] / 16), torch.tensor(table[:, -1].astype(np.int64))
    layers, _, make = NETWORKS["residual"]
    module = Images(layers)
    initial = read_tensors(HERE / "residual_initial.safetensors")
    with torch.no_grad():
        for name, value in tensors(module).items():
            value.copy_(torch.tensor(initial[name].astype(np.float64)))
    optimizer = make(module.parameters())
    for _ in range(EPOCHS):
        for shards in batches(len(x)):
            step(module, optimizer, x, labels, shards)
    final = {key: value.detach().numpy() for key, value in tensors(module).items()}
    write_tensors(HERE / "residual_shards_final.safetensors", final, "<f8", "F64")


if __name__ == "__main__":
    main()
