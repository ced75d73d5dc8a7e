"""Training loops of other programs, as well as their users can write them: float32, the
training data in memory, one epoch after another, plain SGD on softmax and cross-entropy.

A peer is train(network, batch, rows, ...) -> a function that trains one epoch; a network is a
list of units, or one of NETWORKS by its name. Run as a program it is a worker: `peers.py NAME`,
the number of threads being set by the variables of the environment. It reads
{"network": ..., "batch": N, "rows": N, "seconds": S} lines and answers each with
{"samples_per_second": X}.
"""

import json
import sys
import time
import warnings

import numpy as np


def data(units, rows):
    rng = np.random.default_rng(1)
    x = rng.random((rows, units[0]), dtype=np.float32)
    return x, np.arange(rows) % units[-1]


NETWORKS = {  # shape of an image, and the layers: those of src/bench/bench_suite.c
    "lenet": ((1, 28, 28), lambda nn: [
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)]),
    "mnist-conv": ((1, 28, 28), lambda nn: [
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(4608, 128), nn.ReLU(), nn.Linear(128, 10)]),
    "cifar-conv": ((3, 32, 32), lambda nn: [
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4096, 256), nn.ReLU(), nn.Linear(256, 10)]),
}


def dense(units):
    return lambda nn: [layer for n, m in zip(units, units[1:]) for layer in (nn.Linear(n, m), nn.ReLU())][:-1]


def torch_peer(network, batch, rows, foreach=None, channels_last=False):
    import torch

    shape, layers = NETWORKS[network] if isinstance(network, str) else ((network[0],), dense(network))
    layout = {"memory_format": torch.channels_last} if channels_last else {}
    x, y = data([int(np.prod(shape)), 10 if isinstance(network, str) else network[-1]], rows)
    x, y = torch.from_numpy(x).view(-1, *shape).contiguous(**layout), torch.from_numpy(y)
    torch.manual_seed(1)
    model = torch.nn.Sequential(*layers(torch.nn)).to(**layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, foreach=foreach)
    loss_of = torch.nn.CrossEntropyLoss()

    def epoch(until):
        order, done = torch.randperm(rows), 0
        for at in range(0, rows, batch):
            rows_of = order[at:at + batch]
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(x[rows_of]), y[rows_of]).backward()
            optimizer.step()
            done += len(rows_of)
            if time.perf_counter() > until:
                break
        return done

    return epoch


def numpy_peer(units, batch, rows):
    x, y = data(units, rows)
    rng = np.random.default_rng(1)
    w = [rng.normal(0, (2 / n) ** 0.5, (n, m)).astype(np.float32) for n, m in zip(units, units[1:])]
    b = [np.zeros(m, np.float32) for m in units[1:]]
    rate, last = np.float32(1e-4), len(w) - 1
    dw = [np.empty_like(v) for v in w]
    a = [np.empty((batch, n), np.float32) for n in units]
    d = [np.empty((batch, n), np.float32) for n in units]
    every = np.arange(batch)

    def step(labels):
        n = len(labels)
        h = [v[:n] for v in a]
        g = [v[:n] for v in d]
        for i in range(last + 1):
            np.matmul(h[i], w[i], out=h[i + 1])
            h[i + 1] += b[i]
            if i < last:
                np.maximum(h[i + 1], 0, out=h[i + 1])
        p = h[-1]
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        picked = p[every[:n], labels]
        loss = -np.log(picked).mean()
        np.divide(p, np.float32(n), out=g[-1])
        g[-1][every[:n], labels] -= np.float32(1 / n)
        for i in range(last, -1, -1):
            np.matmul(h[i].T, g[i + 1], out=dw[i])
            if i > 0:
                np.matmul(g[i + 1], w[i].T, out=g[i])
                g[i] *= h[i] > 0
            dw[i] *= rate
            w[i] -= dw[i]
            b[i] -= rate * g[i + 1].sum(axis=0)
        return loss

    def epoch(until):
        order, done = rng.permutation(rows), 0
        for at in range(0, rows, batch):
            rows_of = order[at:at + batch]
            np.take(x, rows_of, axis=0, out=a[0][:len(rows_of)], mode="clip")
            step(y[rows_of])
            done += len(rows_of)
            if time.perf_counter() > until:
                break
        return done

    return epoch


def sklearn_peer(units, batch, rows):
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, y = data(units, rows)
    if rows > 10000:  # an epoch cannot be left early
        x, y = x[:10000], y[:10000]
    model = MLPClassifier(tuple(units[1:-1]), solver="sgd", momentum=0, learning_rate_init=1e-4, alpha=0,
                          batch_size=batch, max_iter=1, random_state=1)

    def epoch(until):
        model.partial_fit(x, y, classes=np.arange(units[-1]))
        return len(x)

    return epoch


PEERS = {
    "torch": torch_peer,
    "torch-foreach": lambda *task: torch_peer(*task, foreach=True),
    "torch-channels-last": lambda *task: torch_peer(*task, channels_last=True),
    "numpy": numpy_peer,
    "sklearn": sklearn_peer,
}


def speed(epoch, seconds):
    """Samples per second over about so many seconds of whole epochs or parts of them."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        done += epoch(began + seconds)
    return done / (time.perf_counter() - began)


def main():
    name, known = sys.argv[1], {}
    if name.startswith("torch"):
        import torch

        torch.set_num_threads(int(sys.argv[2]))
    for line in sys.stdin:
        task = json.loads(line)
        key = json.dumps([task["network"], task["batch"], task["rows"]])
        if key not in known:
            known.clear()
            known[key] = PEERS[name](task["network"], task["batch"], task["rows"])
            speed(known[key], task["seconds"] / 4)  # warm-up
        print(json.dumps({"samples_per_second": speed(known[key], task["seconds"])}), flush=True)


if __name__ == "__main__":
    main()
