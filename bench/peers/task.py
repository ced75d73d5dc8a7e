"""What a peer is to learn: a network and its data, from NumPy; and what all peers have in common.

A network is its units, "784-128-10", with ReLU between linear layers, or one of IMAGES by its name.
The loss is softmax and cross-entropy, training is plain SGD, all is float32.
"""

import time

import numpy as np


def linear(n, m):
    return "linear", n, m


def conv(n, m, size, padding=0):
    return "conv", n, m, size, padding


RELU, POOL = ("relu",), ("pool",)
IMAGES = {  # shape of an image, and the layers: those of src/bench/bench_suite.c
    "lenet": ((1, 28, 28), [conv(1, 20, 5), POOL, conv(20, 50, 5), POOL, linear(800, 500), RELU, linear(500, 10)]),
    "mnist-conv": ((1, 28, 28), [conv(1, 32, 3), RELU, conv(32, 32, 3), RELU, POOL, linear(4608, 128), RELU,
                                 linear(128, 10)]),
    "cifar-conv": ((3, 32, 32), [conv(3, 32, 3, 1), RELU, conv(32, 32, 3, 1), RELU, POOL, conv(32, 64, 3, 1), RELU,
                                 conv(64, 64, 3, 1), RELU, POOL, linear(4096, 256), RELU, linear(256, 10)]),
}


class Task:
    def __init__(self, network, batch, rows, rate):
        self.network, self.batch, self.rows, self.rate = network, batch, rows, rate
        self.is_images = network in IMAGES
        if self.is_images:
            self.shape, self.layers = IMAGES[network]
        else:
            units = [int(n) for n in network.split("-")]
            self.units, self.shape = units, (units[0],)
            self.layers = [layer for n, m in zip(units, units[1:]) for layer in (linear(n, m), RELU)][:-1]
        self.classes = self.layers[-1][2]

    def data(self):
        """Noise, of the size of the workload's data: x [rows, *shape], y [rows]."""
        rng = np.random.default_rng(1)
        return rng.random((self.rows, *self.shape), dtype=np.float32), np.arange(self.rows) % self.classes

    def weights(self):
        """[(weight, bias)] as every peer begins: weights [inputs, units], or [filters, channels, size, size]."""
        rng, out = np.random.default_rng(2), []
        for kind, *sizes in self.layers:
            if kind == "linear":
                shape, inputs = sizes, sizes[0]
            elif kind == "conv":
                n, m, size, _ = sizes
                shape, inputs = (m, n, size, size), n * size * size
            else:
                continue
            out.append((rng.normal(0, (2 / inputs) ** 0.5, shape).astype(np.float32), np.zeros(sizes[1], np.float32)))
        return out


class Peer:
    """A network in another program. images: whether it can learn them. step(rows) trains on these rows of the data and
    returns their loss before, for float(); finish() waits for what is still under way."""

    images = False

    def __init__(self, task):
        self.task, self.rng = task, np.random.default_rng(3)

    def finish(self):
        pass

    def epoch(self, until):
        """Trains on all rows in a new order, or until the clock shows that; returns how many it was."""
        order, batch, done = self.rng.permutation(self.task.rows), self.task.batch, 0
        while done < len(order) and (done == 0 or time.perf_counter() < until):
            rows = order[done:done + batch]
            self.step(rows)
            done += len(rows)
        return done

    def warm_up(self, seconds):
        """What is compiled for a size of batch is compiled before the clock runs."""
        for size in {self.task.batch, self.task.rows % self.task.batch} - {0}:
            for _ in range(3):
                self.step(np.arange(size))
        self.speed(seconds)

    def speed(self, seconds):
        """Samples per second over about so many seconds of whole epochs or parts of them."""
        done, began = 0, time.perf_counter()
        while time.perf_counter() < began + seconds:
            done += self.epoch(began + seconds)
        self.finish()
        return done / (time.perf_counter() - began)

    def losses(self, steps):
        """Of so many steps on the first batch again and again, each before its step."""
        return [float(self.step(np.arange(self.task.batch))) for _ in range(steps)]
