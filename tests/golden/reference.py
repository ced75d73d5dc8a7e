#!/usr/bin/python3
"""100 steps of gradient descent in float64 NumPy: the reference that the program's numbers are
checked against. Writes, beside itself, the data, and for each network its config, its initial
weights (float32) and its final weights (float64).

Rows are taken in file order in batches of 20; the tenth and last batch of an epoch has 10.
"""

import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
ROWS, FEATURES, BATCH, EPOCHS = 190, 6, 20, 10

NETWORKS = {
    "softmax": dict(units=[16, 8, 3], activations=["relu", "tanh"], loss="softmax", l2=0.001, rate=0.1),
    "svm": dict(units=[12, 3], activations=["sigmoid"], loss="svm", l2=0.01, rate=0.05),
    "l2": dict(units=[10, 2], activations=["tanh"], loss="l2", l2=0.0005, rate=0.02),
}


def make_data(draw):
    labels = draw.integers(0, 3, ROWS)
    x = np.round(draw.standard_normal((ROWS, FEATURES)) + np.eye(3, FEATURES)[labels] * 1.5, 3)
    targets = np.stack([np.sin(x[:, 0]) + 0.5 * x[:, 1], x[:, 2] * x[:, 3] / 2], axis=1)
    targets = np.round(targets + 0.1 * draw.standard_normal((ROWS, 2)), 3)
    names = ["blue", "green", "red"]  # in the program's order of classes
    with open(HERE / "classes.csv", "w") as file:
        file.write("a,b,c,d,e,f,class\n")
        for row, label in zip(x, labels):
            file.write(",".join(f"{v:g}" for v in row) + f",{names[label]}\n")
    with open(HERE / "numbers.csv", "w") as file:
        file.write("a,b,c,d,e,f,u,v\n")
        for row, target in zip(x, targets):
            file.write(",".join(f"{v:g}" for v in [*row, *target]) + "\n")
    as_stored = lambda a: a.astype(np.float32).astype(np.float64)  # the program stores float32
    return as_stored(x), labels, as_stored(targets)


class Network:
    def __init__(self, spec, parameters, dtype=np.float64):
        self.spec, self.dtype = spec, dtype
        self.weights = [w.astype(dtype) for w, _ in parameters]
        self.biases = [b.astype(dtype) for _, b in parameters]
        self.closest = np.inf  # the least distance of anything to its kink

    def forward(self, x):
        self.values = [x]
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = self.values[-1] @ w + b
            self.values.append(z)
            if i < len(self.spec["activations"]):
                kind = self.spec["activations"][i]
                if kind == "relu":
                    self.closest = min(self.closest, np.abs(z).min())
                self.values.append({"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh,
                                    "sigmoid": lambda z: 1 / (1 + np.exp(-z))}[kind](z))
        return self.values[-1]

    def loss(self, s, target):
        """Mean data loss and its gradient with respect to the scores."""
        n = len(s)
        rows = np.arange(n)
        if self.spec["loss"] == "softmax":
            e = np.exp(s - s.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            gradient = p.copy()
            gradient[rows, target] -= 1
            return -np.log(p[rows, target]).mean(), gradient / n
        if self.spec["loss"] == "svm":
            margins = s - s[rows, target][:, None] + self.dtype(1)
            margins[rows, target] = 0
            others = np.delete(margins.ravel(), rows * s.shape[1] + target)
            self.closest = min(self.closest, np.abs(others).min())
            gradient = (margins > 0).astype(self.dtype)
            gradient[rows, target] = -gradient.sum(axis=1)
            return np.maximum(margins, 0).sum() / n, gradient / n
        difference = s - target
        return (difference ** 2).sum() / n, 2 * difference / n

    def gradients(self, x, target):
        loss, upstream = self.loss(self.forward(x), target)
        found = []
        at = len(self.values) - 1
        for i in reversed(range(len(self.weights))):
            before = self.values[at - 1]
            found.insert(0, (before.T @ upstream + 2 * self.dtype(self.spec["l2"]) * self.weights[i],
                             upstream.sum(axis=0)))
            upstream = upstream @ self.weights[i].T
            at -= 1
            if i > 0:
                y, kind = self.values[at], self.spec["activations"][i - 1]
                upstream = upstream * {"relu": lambda: y > 0, "tanh": lambda: 1 - y * y,
                                       "sigmoid": lambda: y * (1 - y)}[kind]()
                at -= 1
        return loss, found

    def full_loss(self, x, target):
        return self.loss(self.forward(x), target)[0] + self.spec["l2"] * sum((w ** 2).sum() for w in self.weights)

    def train(self, x, target):
        for _ in range(EPOCHS):
            for first in range(0, ROWS, BATCH):
                batch = slice(first, first + BATCH)
                _, found = self.gradients(x[batch].astype(self.dtype), target[batch])
                rate = self.dtype(self.spec["rate"])
                for i, (dw, db) in enumerate(found):
                    self.weights[i] -= rate * dw
                    self.biases[i] -= rate * db

    def flat(self):
        return np.concatenate([a.ravel() for pair in zip(self.weights, self.biases) for a in pair])


def check_gradients(network, x, target):
    """The reference itself against central differences."""
    _, found = network.gradients(x, target)
    for arrays, gradients in ((network.weights, [w for w, _ in found]), (network.biases, [b for _, b in found])):
        for array, gradient in zip(arrays, gradients):
            numerical = np.empty_like(array)
            for index in np.ndindex(*array.shape):
                kept = array[index]
                array[index] = kept + 1e-6
                above = network.full_loss(x, target)
                array[index] = kept - 1e-6
                below = network.full_loss(x, target)
                array[index] = kept
                numerical[index] = (above - below) / 2e-6
            error = np.linalg.norm(numerical - gradient) / np.linalg.norm(numerical)
            assert error < 1e-7, error


def write_safetensors(path, network_parameters, dtype, code):
    tensors = {}
    for i, (w, b) in enumerate(network_parameters, start=1):
        tensors |= {f"linear{i}.weight": w, f"linear{i}.bias": b}
    write_tensors(path, tensors, dtype, code)


def write_tensors(path, tensors, dtype, code):
    header, blobs, at = {}, [], 0
    for name, array in tensors.items():
        blob = np.ascontiguousarray(array, dtype=dtype).tobytes()
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [at, at + len(blob)]}
        at += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def write_config(name, spec):
    layers = []
    for i, units in enumerate(spec["units"]):
        layers.append({"type": "linear", "units": units})
        if i < len(spec["activations"]):
            layers.append({"type": spec["activations"][i]})
    config = {
        "data": {"train": "numbers.csv" if spec["loss"] == "l2" else "classes.csv",
                 "target": ["u", "v"] if spec["loss"] == "l2" else "class"},
        "model": {"weights": f"{name}_initial.safetensors", "layers": layers},
        "loss": {"type": spec["loss"]},
        "regularization": {"l2": spec["l2"]},
        "optimizer": {"type": "sgd", "learning_rate": spec["rate"]},
        "training": {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False},
    }
    (HERE / f"{name}.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    draw = np.random.default_rng(3)
    x, labels, numbers = make_data(draw)
    for name, spec in NETWORKS.items():
        sizes = [FEATURES, *spec["units"]]
        initial = [(np.float32(draw.standard_normal((a, b)) / np.sqrt(a)), np.float32(0.1 * draw.standard_normal(b)))
                   for a, b in zip(sizes, sizes[1:])]
        target = numbers if spec["loss"] == "l2" else labels
        network = Network(spec, initial)
        check_gradients(network, x, target)
        start = network.full_loss(x, target)
        network.closest = np.inf
        network.train(x, target)
        single = Network(spec, initial, np.float32)
        single.train(x, target)
        error = np.linalg.norm(single.flat() - network.flat()) / np.linalg.norm(network.flat())
        print(f"{name}: loss {start:.4f} -> {network.full_loss(x, target):.4f}, closest to a kink "
              f"{network.closest:.2g}, float32 NumPy differs by {error:.2g}")
        assert network.closest > 5e-6, "too close to a kink: take another seed"
        write_safetensors(HERE / f"{name}_initial.safetensors", initial, "<f4", "F32")
        write_safetensors(HERE / f"{name}_final.safetensors", list(zip(network.weights, network.biases)), "<f8", "F64")
        write_config(name, spec)


if __name__ == "__main__":
    main()
