#!/usr/bin/python3
"""Layers of PyTorch in float64: outputs, gradients of inputs and parameters, running figures, for a random batch. Writes
layers.json, a case a line."""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
ROWS, SIZE = 4, 5
torch.set_default_dtype(torch.float64)


def flat(tensor):
    return [float(v) for v in tensor.detach().flatten()]


def draws(seed):
    draw = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=draw)


def flat_cases():
    """Layers alone, of flat examples."""
    random = draws(11)
    x = (random(ROWS, SIZE) * 2).round(decimals=3)
    upstream = random(ROWS, SIZE).round(decimals=3)
    gain = (1 + random(SIZE) / 3).round(decimals=3)
    bias = random(SIZE).round(decimals=3)
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
    for name, (config, layer) in layers.items():
        config = {"type": name, **config, "name": "it"}
        parameters = {"it.weight": gain, "it.bias": bias} if hasattr(layer, "weight") else {}
        yield [config], x, upstream, layer, parameters


class Images(nn.Module):
    """Layers of this program as functions of PyTorch, each with its module: {name: (config, module)}. A module takes what
    the layer before it puts out, or its "inputs"."""

    def __init__(self, layers):
        super().__init__()
        self.configs = [{**config, "name": name} for name, (config, _) in layers.items()]
        for name, (_, module) in layers.items():
            setattr(self, name, module if isinstance(module, nn.Module) else Function(module))

    def forward(self, x):
        values, last = {"data": x}, x
        for config in self.configs:
            inputs = [values[name] for name in config["inputs"]] if "inputs" in config else [last]
            last = values[config["name"]] = getattr(self, config["name"])(*inputs)
        return last


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def padded(module, *sides, value=0):
    """The module behind zeros (or others) on the left, right, top and bottom: "same" of even sizes and strides."""
    return nn.Sequential(Function(lambda x: F.pad(x, sides, value=value)), module)


def image_cases():
    """Of examples with channels: layers alone and in twos and threes. (shape, layers[, rows])"""
    conv = lambda **options: {"type": "conv2d", **options}
    yield (3, 5, 6), {"conv": (conv(filters=4, kernel=3), nn.Conv2d(3, 4, 3))}
    yield (2, 7, 6), {"conv": (conv(filters=3, kernel=[3, 2], stride=[2, 1], padding=[1, 2], dilation=[1, 2]),
                               nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)))}
    yield (4, 5, 5), {"conv": (conv(filters=6, kernel=3, padding="same", groups=2, bias=False),
                               nn.Conv2d(4, 6, 3, padding="same", groups=2, bias=False))}
    yield (3, 6, 5), {"conv": (conv(filters=6, kernel=3, stride=2, padding=1, groups=3),
                               nn.Conv2d(3, 6, 3, stride=2, padding=1, groups=3))}
    yield (3, 4, 5), {"conv": (conv(filters=5, kernel=1), nn.Conv2d(3, 5, 1))}
    yield (3, 6, 5), {"conv": (conv(filters=5, kernel=1, stride=2), nn.Conv2d(3, 5, 1, stride=2))}
    yield (2, 5, 6), {"conv": (conv(filters=3, kernel=[2, 4], padding="same"), nn.Conv2d(2, 3, (2, 4), padding="same"))}
    yield (2, 7, 6), {"conv": (conv(filters=3, kernel=3, stride=2, padding="same"),
                               padded(nn.Conv2d(2, 3, 3, stride=2), 0, 1, 1, 1))}
    yield (2, 3, 4), {"conv": (conv(filters=2, kernel=2), nn.Conv2d(2, 2, 2))}, 40
    yield (3, 9), {"conv": ({"type": "conv1d", "filters": 4, "kernel": 3}, nn.Conv1d(3, 4, 3))}
    yield (4, 10), {"conv": ({"type": "conv1d", "filters": 6, "kernel": 3, "stride": 2, "padding": 2, "dilation": 2,
                              "groups": 2}, nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2))}
    yield (3, 4, 3), {"conv": ({"type": "conv_transpose2d", "filters": 2, "kernel": 3}, nn.ConvTranspose2d(3, 2, 3))}
    yield (4, 3, 4), {"conv": ({"type": "conv_transpose2d", "filters": 6, "kernel": [3, 2], "stride": [2, 3],
                                "padding": [1, 0], "output_padding": [1, 2], "dilation": [1, 2], "groups": 2},
                               nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2),
                                                  dilation=(1, 2), groups=2))}
    yield (2, 5, 6), {"pool": ({"type": "max_pool2d", "size": 2}, nn.MaxPool2d(2))}
    yield (2, 6, 5), {"pool": ({"type": "max_pool2d", "size": 3, "stride": [2, 1], "padding": 1},
                               nn.MaxPool2d(3, stride=(2, 1), padding=1))}
    yield (2, 5, 7), {"pool": ({"type": "max_pool2d", "size": 2, "padding": "same"},
                               padded(nn.MaxPool2d(2), 0, 1, 0, 1, value=-torch.inf))}
    yield (2, 5, 6), {"pool": ({"type": "avg_pool2d", "size": 2}, nn.AvgPool2d(2))}
    yield (2, 6, 5), {"pool": ({"type": "avg_pool2d", "size": [3, 2], "stride": [1, 2], "padding": 1},
                               nn.AvgPool2d((3, 2), stride=(1, 2), padding=1))}
    yield (3, 4, 5), {"pool": ({"type": "global_avg_pool"}, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))}
    yield (3, 7), {"pool": ({"type": "global_avg_pool"}, nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten()))}
    yield (2, 3, 4), {"up": ({"type": "upsample", "scale": 2}, nn.Upsample(scale_factor=2))}
    yield (2, 3, 2), {"up": ({"type": "upsample", "scale": [3, 1]}, nn.Upsample(scale_factor=(3, 1)))}
    yield (2, 5), {"up": ({"type": "upsample", "scale": 3}, nn.Upsample(scale_factor=3))}
    yield (2, 3, 2), {"flat": ({"type": "flatten"}, nn.Flatten())}
    yield (12,), {"image": ({"type": "reshape", "shape": [2, -1, 2]}, nn.Unflatten(1, (2, 3, 2)))}
    yield (3, 4, 5), {"norm": ({"type": "batch_norm"}, nn.BatchNorm2d(3))}
    yield (3, 4, 5), {"norm": ({"type": "batch_norm", "momentum": 0.3, "epsilon": 0.01},
                               nn.BatchNorm2d(3, momentum=0.3, eps=0.01))}, 1
    yield (3, 7), {"norm": ({"type": "batch_norm"}, nn.BatchNorm1d(3))}
    yield (2, 3, 2), {"norm": ({"type": "batch_norm"}, nn.BatchNorm2d(2))}, 40
    yield (5,), {"norm": ({"type": "batch_norm"}, nn.BatchNorm1d(5))}, 40
    yield (2, 4, 3), {"a": ({"type": "scale", "by": 2}, lambda x: 2 * x),
                      "b": ({"type": "conv2d", "filters": 3, "kernel": 1, "inputs": ["data"]}, nn.Conv2d(2, 3, 1)),
                      "join": ({"type": "concat", "inputs": ["b", "data", "a"]}, lambda *all: torch.cat(all, dim=1))}
    yield (2, 5), {"a": ({"type": "tanh"}, nn.Tanh()),
                   "join": ({"type": "concat", "inputs": ["data", "a"]}, lambda *all: torch.cat(all, dim=1)),
                   "flat": ({"type": "flatten"}, nn.Flatten())}
    yield (3, 4, 5), {"conv": (conv(filters=3, kernel=3, padding=1, bias=False), nn.Conv2d(3, 3, 3, padding=1, bias=False)),
                      "norm": ({"type": "batch_norm"}, nn.BatchNorm2d(3)),
                      "sum": ({"type": "add", "inputs": ["norm", "data"]}, torch.add),
                      "relu": ({"type": "relu"}, nn.ReLU()),
                      "pool": ({"type": "global_avg_pool"}, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))}, 20


def image_case(seed, shape, layers, rows=ROWS):
    random = draws(seed)
    module = Images(layers)
    parameters = {}
    for name, value in module.named_parameters():
        layer, tensor = name.split(".")[0], name.split(".")[-1]
        new = random(*value.shape) / max(1, value[0].numel()) ** 0.5
        if tensor == "weight" and value.dim() == 1:
            new = 1 + new / 3
        parameters[f"{layer}.{tensor}"] = new.round(decimals=3)
        value.data = parameters[f"{layer}.{tensor}"].clone()
    x = (random(rows, *shape) * 2 + 0.5).round(decimals=3)
    upstream = random(*module(x).shape).round(decimals=3)
    return module.configs, x, upstream, module, parameters


def run(layers, x, upstream, module, parameters):
    alone = not isinstance(module, Images)
    own = lambda names: {"it." + n if alone else f"{n.split('.')[0]}.{n.split('.')[-1]}": v for n, v in names}
    for name, value in own(module.named_parameters()).items():
        value.data = parameters[name].clone()
    for part in module.modules():
        if hasattr(part, "reset_running_stats"):
            part.reset_running_stats()
    case = {"layers": layers, "rows": len(x), "shape": list(x.shape[1:]), "x": flat(x), "upstream": flat(upstream),
            "parameters": {name: flat(value) for name, value in parameters.items()}}
    buffers = own(module.named_buffers())
    for mode in ("", "_evaluation") if buffers else ("",):
        module.train(mode == "")
        inputs = x.clone().requires_grad_()
        module.zero_grad()
        y = module(inputs)
        y.backward(upstream)
        case |= {"y" + mode: flat(y), "dx" + mode: flat(inputs.grad)}
        if mode == "":
            case["gradients"] = {name: flat(value.grad) for name, value in own(module.named_parameters()).items()}
            case["buffers"] = {name: flat(value) for name, value in buffers.items() if "num_batches" not in name}
    return case


def main():
    cases = [run(*case) for case in flat_cases()]
    cases += [run(*image_case(100 + i, *case)) for i, case in enumerate(image_cases())]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / "layers.json").write_text(f'{{"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
