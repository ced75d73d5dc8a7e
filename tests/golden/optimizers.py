#!/usr/bin/python3
"""100 steps of every optimizer in float64 PyTorch, on the network, data and initial weights of reference.py's "softmax".
Writes optimizers.json (name and overrides of each case), <name>_final.safetensors, and for rows with weights weighted.json
and weighted.csv, beside itself."""

import json
import pathlib

import numpy as np
import torch

from reference import BATCH, EPOCHS, HERE, ROWS, write_safetensors

L2 = 0.001  # of softmax.json
torch.set_default_dtype(torch.float64)


def sgd(**more):
    return lambda groups: torch.optim.SGD(groups, **more)


CASES = {
    # name: (optimizer of the config, of PyTorch, other overrides, what else is done to the gradient)
    "momentum": ({"type": "sgd", "learning_rate": 0.05, "momentum": 0.9},
                 sgd(lr=0.05, momentum=0.9), {}),
    "nesterov": ({"type": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.002},
                 sgd(lr=0.05, momentum=0.9, nesterov=True), {"decay": 0.002}),
    "decay": ({"type": "sgd", "learning_rate": 0.1, "weight_decay": 0.01}, sgd(lr=0.1), {"decay": 0.01}),
    "rmsprop": ({"type": "rmsprop", "learning_rate": 0.01, "alpha": 0.95},
                lambda g: torch.optim.RMSprop(g, lr=0.01, alpha=0.95), {}),
    "rmsprop_momentum": ({"type": "rmsprop", "learning_rate": 0.002, "momentum": 0.9, "weight_decay": 0.01},
                         lambda g: torch.optim.RMSprop(g, lr=0.002, momentum=0.9), {"decay": 0.01}),
    "adagrad": ({"type": "adagrad", "learning_rate": 0.05, "weight_decay": 0.003},
                lambda g: torch.optim.Adagrad(g, lr=0.05), {"decay": 0.003}),
    "adam": ({"type": "adam", "learning_rate": 0.01, "weight_decay": 0.002},
             lambda g: torch.optim.Adam(g, lr=0.01), {"decay": 0.002}),
    "adamw": ({"type": "adamw", "learning_rate": 0.01, "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.1},
              lambda g: torch.optim.AdamW(g, lr=0.01, betas=(0.8, 0.99)), {"decay": 0.1}),
    "clip_norm": ({"type": "sgd", "learning_rate": 0.1, "momentum": 0.5}, sgd(lr=0.1, momentum=0.5),
                  {"gradient_clipping": {"norm": 0.3}}),
    "clip_value": ({"type": "sgd", "learning_rate": 0.1}, sgd(lr=0.1), {"gradient_clipping": {"value": 0.02}}),
    "clip_adam": ({"type": "adam", "learning_rate": 0.01}, lambda g: torch.optim.Adam(g, lr=0.01),
                  {"gradient_clipping": {"norm": 0.2, "value": 0.1}}),
    "l1": ({"type": "sgd", "learning_rate": 0.1}, sgd(lr=0.1), {"l1": 0.0007}),
    "per_example": ({"type": "sgd", "learning_rate": 0.1}, sgd(lr=0.1), {"l2": 0.05, "per_example": True}),
    "weighted": ({"type": "sgd", "learning_rate": 0.1}, sgd(lr=0.1), {"l2": 0.05, "per_example": True, "weights": True}),
    "shards": ({"type": "sgd", "learning_rate": 0.05, "momentum": 0.9}, sgd(lr=0.05, momentum=0.9),
               {"shards": 4, "gradient_clipping": {"norm": 0.3}}),
    "shards_weighted": ({"type": "adam", "learning_rate": 0.01}, lambda g: torch.optim.Adam(g, lr=0.01),
                        {"shards": 2, "l2": 0.05, "per_example": True, "weights": True}),
    "weighted_adam": ({"type": "adam", "learning_rate": 0.01}, lambda g: torch.optim.Adam(g, lr=0.01), {"weights": True}),
}


def read_initial():
    data = (HERE / "softmax_initial.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    return {name: np.frombuffer(data[8 + length:][slice(*t["data_offsets"])], "<f4").reshape(t["shape"])
            for name, t in header.items()}


def read_data():
    rows = [line.split(",") for line in (HERE / "classes.csv").read_text().splitlines()[1:]]
    x = np.array([[np.float32(v) for v in row[:-1]] for row in rows], np.float64)
    names = sorted({row[-1] for row in rows})
    return torch.tensor(x), torch.tensor([names.index(row[-1]) for row in rows])


def make_weights():
    """Of a few rows 0, and of one whole batch."""
    weights = np.random.default_rng(7).choice([0, 0.5, 1, 1, 2.25, 6], ROWS)
    weights[BATCH:2 * BATCH] = 0
    return weights


def write_weighted():
    lines = (HERE / "classes.csv").read_text().splitlines()
    weights = ["weight"] + [f"{w:g}" for w in make_weights()]
    (HERE / "weighted.csv").write_text("".join(f"{w},{line}\n" for w, line in zip(weights, lines)))
    config = json.loads((HERE / "softmax.json").read_text())
    config["data"] |= {"train": "weighted.csv", "weight": "weight"}
    (HERE / "weighted.json").write_text(json.dumps(config, indent=2) + "\n")


def batches(shards):
    """The rows of each step of an epoch: the same number of each shard, a run of rows."""
    bounds = [ROWS * s // shards for s in range(shards + 1)]
    take = BATCH // shards
    largest = max(b - a for a, b in zip(bounds, bounds[1:]))
    return [[row for a, b in zip(bounds, bounds[1:]) for row in range(min(a + first, b), min(a + first + take, b))]
            for first in range(0, largest, take)]


def train(make, more):
    x, labels = read_data()
    row_weights = torch.tensor(make_weights() if "weights" in more else np.ones(ROWS))
    tensors = {name: torch.tensor(a.astype(np.float64), requires_grad=True) for name, a in read_initial().items()}
    weights = [t for name, t in tensors.items() if name.endswith("weight")]
    biases = [t for name, t in tensors.items() if name.endswith("bias")]
    optimizer = make([{"params": weights, "weight_decay": more.get("decay", 0)}, {"params": biases, "weight_decay": 0}])
    clipping = more.get("gradient_clipping", {})
    for _ in range(EPOCHS):
        for rows in batches(more.get("shards", 1)):
            h = torch.relu(x[rows] @ tensors["linear1.weight"] + tensors["linear1.bias"])
            h = torch.tanh(h @ tensors["linear2.weight"] + tensors["linear2.bias"])
            scores = h @ tensors["linear3.weight"] + tensors["linear3.bias"]
            losses = torch.nn.functional.cross_entropy(scores, labels[rows], reduction="none")
            v = row_weights[rows]
            count = v.sum() if v.sum() > 0 else row_weights.mean() * BATCH  # nothing is learned from a batch of zeros
            l2 = more.get("l2", L2) / (count if "per_example" in more else 1)
            loss = (v * losses).sum() / count
            loss = loss + sum(l2 * (w ** 2).sum() + more.get("l1", 0) * w.abs().sum() for w in weights)
            optimizer.zero_grad()
            loss.backward()
            if "norm" in clipping:
                torch.nn.utils.clip_grad_norm_([*weights, *biases], clipping["norm"])
            if "value" in clipping:
                torch.nn.utils.clip_grad_value_([*weights, *biases], clipping["value"])
            optimizer.step()
    return [(tensors[f"linear{i}.weight"].detach().numpy(), tensors[f"linear{i}.bias"].detach().numpy()) for i in (1, 2, 3)]


def main():
    cases = []
    for name, (config, make, more) in CASES.items():
        write_safetensors(HERE / f"{name}_final.safetensors", train(make, more), "<f8", "F64")
        overrides = ["optimizer=" + json.dumps(config)]
        if "gradient_clipping" in more:
            overrides.append("gradient_clipping=" + json.dumps(more["gradient_clipping"]))
        if "l1" in more:
            overrides.append(f"regularization.l1={more['l1']}")
        if "l2" in more:
            overrides.append(f"regularization.l2={more['l2']}")
        if "per_example" in more:
            overrides.append("regularization.per_example=true")
        if "shards" in more:
            overrides.append(f"training.shards={more['shards']}")
        cases.append({"name": name, "config": "weighted" if "weights" in more else "softmax", "overrides": overrides})
    write_weighted()
    (HERE / "optimizers.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
