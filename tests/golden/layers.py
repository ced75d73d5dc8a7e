#!/usr/bin/python3
"""Layers of PyTorch in float64: outputs, gradients of inputs and parameters, for a random batch. Writes layers.json."""

import json
import pathlib

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
ROWS, SIZE = 4, 5
torch.set_default_dtype(torch.float64)


def flat(tensor):
    return [float(v) for v in tensor.detach().flatten()]


def main():
    draw = torch.Generator().manual_seed(11)
    x = (torch.randn(ROWS, SIZE, generator=draw) * 2).round(decimals=3)
    upstream = torch.randn(ROWS, SIZE, generator=draw).round(decimals=3)
    gain = (1 + torch.randn(SIZE, generator=draw) / 3).round(decimals=3)
    bias = torch.randn(SIZE, generator=draw).round(decimals=3)
    layers = {
        "leaky_relu": ({}, nn.LeakyReLU()),
        "leaky_relu_steep": ({"type": "leaky_relu", "negative_slope": 0.2}, nn.LeakyReLU(0.2)),
        "elu": ({}, nn.ELU()),
        "elu_2": ({"type": "elu", "alpha": 2}, nn.ELU(2.0)),
        "gelu": ({}, nn.GELU()),
        "softplus": ({}, nn.Softplus(threshold=1e9)),
        "softmax": ({}, nn.Softmax(dim=1)),
        "tanh": ({}, nn.Tanh()),
        "sigmoid": ({}, nn.Sigmoid()),
        "relu": ({}, nn.ReLU()),
        "layer_norm": ({}, nn.LayerNorm(SIZE)),
        "batch_norm": ({}, nn.BatchNorm1d(SIZE)),
        "batch_norm_slow": ({"type": "batch_norm", "momentum": 0.01, "epsilon": 0.001},
                            nn.BatchNorm1d(SIZE, momentum=0.01, eps=0.001)),
    }
    cases = []
    for name, (config, layer) in layers.items():
        case = {"config": {"type": name, **config}}
        if hasattr(layer, "weight"):
            layer.weight.data, layer.bias.data = gain.clone(), bias.clone()
            case |= {"weight": flat(gain), "bias": flat(bias)}
        inputs = x.clone().requires_grad_()
        y = layer(inputs)
        y.backward(upstream)
        case |= {"y": flat(y), "dx": flat(inputs.grad)}
        if hasattr(layer, "weight"):
            case |= {"dweight": flat(layer.weight.grad), "dbias": flat(layer.bias.grad)}
        if hasattr(layer, "running_mean"):
            case |= {"running_mean": flat(layer.running_mean), "running_var": flat(layer.running_var)}
            layer.eval()
            case["y_evaluation"] = flat(layer(x))
        cases.append(case)
    golden = {"rows": ROWS, "size": SIZE, "x": flat(x), "upstream": flat(upstream), "cases": cases}
    (HERE / "layers.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
