#!/usr/bin/python3
"""100 steps of two networks for images in float64 PyTorch, on the digits that ship, in file order. Writes beside itself, for
each, its config, its initial tensors (float32) and its final ones (float64): parameters, and running figures."""

import copy
import json

import numpy as np
import torch
from torch import nn

from layers import Images
from reference import HERE, write_tensors

BATCH, EPOCHS, L2 = 180, 10, 0.001


class Linear(nn.Module):
    """Weights [inputs, units], as this program has them; an example of any shape is flat."""

    def __init__(self, inputs, units):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.zeros(inputs, units)), nn.Parameter(torch.zeros(units))

    def forward(self, x):
        return x.flatten(1) @ self.weight + self.bias


def conv(filters, kernel, **more):
    return {"type": "conv2d", "filters": filters, "kernel": kernel, **more}


IMAGE = {"image": ({"type": "reshape", "shape": [1, 8, 8]}, nn.Unflatten(1, (1, 8, 8)))}
RELU = ({"type": "relu"}, nn.ReLU())
NETWORKS = {
    "residual": (IMAGE | {
        "conv1": (conv(6, 3, padding="same", bias=False), nn.Conv2d(1, 6, 3, padding=1, bias=False)),
        "norm1": ({"type": "batch_norm"}, nn.BatchNorm2d(6)),
        "relu1": RELU,
        "conv2": (conv(6, 3, padding=1, bias=False), nn.Conv2d(6, 6, 3, padding=1, bias=False)),
        "norm2": ({"type": "batch_norm"}, nn.BatchNorm2d(6)),
        "sum": ({"type": "add", "inputs": ["norm2", "relu1"]}, torch.add),
        "relu2": RELU,
        "pool": ({"type": "global_avg_pool"}, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())),
        "scores": ({"type": "linear"}, Linear(6, 10)),
    }, {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "pooled": (IMAGE | {
        "conv1": (conv(8, 5, padding=2), nn.Conv2d(1, 8, 5, padding=2)),
        "relu1": RELU,
        "halves": ({"type": "max_pool2d", "size": 2}, nn.MaxPool2d(2)),
        "depth": (conv(8, 3, padding=1, groups=8), nn.Conv2d(8, 8, 3, padding=1, groups=8)),
        "norm": ({"type": "batch_norm"}, nn.BatchNorm2d(8)),
        "point": (conv(12, 1), nn.Conv2d(8, 12, 1)),
        "tanh": ({"type": "tanh"}, nn.Tanh()),
        "flat": ({"type": "flatten"}, nn.Flatten()),
        "up": ({"type": "conv_transpose2d", "filters": 4, "kernel": 2, "stride": 2, "inputs": ["tanh"]},
               nn.ConvTranspose2d(12, 4, 2, stride=2)),
        "quarters": ({"type": "avg_pool2d", "size": 4}, nn.AvgPool2d(4)),
        "flat_quarters": ({"type": "flatten"}, nn.Flatten()),
        "both": ({"type": "concat", "inputs": ["flat", "flat_quarters"]}, lambda *all: torch.cat(all, dim=1)),
        "scores": ({"type": "linear"}, Linear(12 * 16 + 4 * 4, 10)),
    }, {"type": "adam", "learning_rate": 0.01}, lambda p: torch.optim.Adam(p, lr=0.01)),
}


def tensors(module):
    """Parameters and running figures by this program's names, in PyTorch's order."""
    named = [*module.named_parameters(), *module.named_buffers()]
    return {f"{name.split('.')[0]}.{name.split('.')[-1]}": value for name, value in named if "num_batches" not in name}


def start(module, draw):
    """First values as float32 holds them."""
    for value in module.parameters():
        fan_in = value.numel() / value.shape[0] if value.dim() == 4 else value.shape[0] if value.dim() == 2 else 100
        first = draw.standard_normal(value.shape) / np.sqrt(fan_in)
        value.data = torch.tensor(np.float32(first).astype(np.float64))
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.weight.data += 1
    for value in module.parameters():
        value.data = value.data.float().double()


def train(module, optimizer, x, labels):
    weights = [value for value in module.parameters() if value.dim() > 1]
    for _ in range(EPOCHS):
        for batch, target in zip(x.split(BATCH), labels.split(BATCH)):
            loss = nn.functional.cross_entropy(module(batch), target) + L2 * sum((w ** 2).sum() for w in weights)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return float(loss)


def main():
    draw = np.random.default_rng(5)
    table = np.loadtxt(HERE / "../../data/digits.csv", delimiter=",", skiprows=1)
    x, labels = torch.tensor(table[:, :-1] / 16), torch.tensor(table[:, -1].astype(np.int64))
    for name, (layers, optimizer, make) in NETWORKS.items():
        module = Images(layers)
        start(module, draw)
        as_numpy = lambda: {key: value.detach().numpy() for key, value in tensors(module).items()}
        write_tensors(HERE / f"{name}_initial.safetensors", as_numpy(), "<f4", "F32")
        single = copy.deepcopy(module).float()
        loss = train(module, make(module.parameters()), x, labels)
        write_tensors(HERE / f"{name}_final.safetensors", as_numpy(), "<f8", "F64")
        train(single, make(single.parameters()), x.float(), labels)
        norm = lambda arrays: sum(float((a ** 2).sum()) for a in arrays) ** 0.5
        pairs = list(zip(tensors(single).values(), tensors(module).values()))
        error = norm([a.double() - b for a, b in pairs]) / norm([b for _, b in pairs])
        print(f"{name}: loss {loss:.4f}, float32 PyTorch differs by {error:.2g}")
        config = {
            "data": {"train": "../../data/digits.csv", "target": "digit", "normalize": 16},
            "model": {"weights": f"{name}_initial.safetensors", "layers": module.configs},
            "loss": {"type": "softmax"},
            "regularization": {"l2": L2},
            "optimizer": optimizer,
            "training": {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False},
        }
        (HERE / f"{name}.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
