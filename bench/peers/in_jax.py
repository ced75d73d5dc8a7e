"""JAX: a whole step compiled, the gather and the update too, parameters given away; or many steps at once."""

import functools
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from task import Peer

LAYOUT = ("NHWC", "HWIO", "NHWC")  # no slower than channels first, and mostly faster


def forward(layers, parameters, h):
    parameters = iter(parameters)
    for kind, *sizes in layers:
        if kind == "relu":
            h = jax.nn.relu(h)
        elif kind == "pool":  # several times as fast as lax.reduce_window
            n, height, width, channels = h.shape
            h = h.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4))
        elif kind == "conv":
            w, b = next(parameters)
            h = lax.conv_general_dilated(h, w, (1, 1), [(sizes[3],) * 2] * 2, dimension_numbers=LAYOUT) + b
        else:
            w, b = next(parameters)
            h = h.reshape(len(h), -1) @ w + b
    return h


def to_layout(task):
    """The task's weights, in JAX's layout of images."""
    out, channels, done = [], 0, not task.is_images
    for w, b in task.weights():
        if w.ndim == 4:
            out.append((w.transpose(2, 3, 1, 0), b))
            channels = len(w)
        else:
            if not done:  # its inputs are a flattened image
                side = round((len(w) / channels) ** 0.5)
                w = w.reshape(channels, side, side, -1).transpose(1, 2, 0, 3).reshape(w.shape)
            out.append((w, b))
            done = True
    return jax.tree.map(jnp.array, out)


class Jax(Peer):
    images = True

    def __init__(self, task):
        super().__init__(task)
        x, y = task.data()
        self.x = jnp.asarray(x.transpose(0, 2, 3, 1) if task.is_images else x)
        self.y, self.parameters, self.count = jnp.asarray(y), to_layout(task), 0

        def loss_of(parameters, x, y):
            logits = forward(task.layers, parameters, x)
            return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()

        def train(parameters, x, y, rows):
            loss, gradients = jax.value_and_grad(loss_of)(parameters, x[rows], y[rows])
            return jax.tree.map(lambda p, g: p - task.rate * g, parameters, gradients), loss

        @functools.partial(jax.jit, donate_argnums=0)
        def train_many(parameters, x, y, batches):
            return lax.scan(lambda p, rows: train(p, x, y, rows), parameters, batches)

        self.train, self.train_many = jax.jit(train, donate_argnums=0), train_many

    def step(self, rows):
        self.parameters, loss = self.train(self.parameters, self.x, self.y, rows)
        self.count += 1
        if self.count % 8 == 0:  # steps are queued; the clock is not to run far behind
            loss.block_until_ready()
        return loss

    def finish(self):
        jax.block_until_ready(self.parameters)


class ScannedJax(Jax):
    """Up to 64 steps in one call, of one epoch or of several."""

    def __init__(self, task):
        super().__init__(task)
        self.steps = min(64, task.rows // task.batch)
        self.epochs = 1
        if task.rows % task.batch == 0 and self.steps < 64:
            self.epochs = 64 // self.steps
            self.steps *= self.epochs

    def epoch(self, until):
        batch, done = self.task.batch, 0
        order = np.concatenate([self.rng.permutation(self.task.rows) for _ in range(self.epochs)])
        while done < len(order) and (done == 0 or time.perf_counter() < until):
            rows = order[done:done + self.steps * batch]
            if len(rows) == self.steps * batch:
                self.train_steps(rows.reshape(self.steps, batch))
            else:
                for at in range(0, len(rows), batch):
                    self.step(rows[at:at + batch])
            done += len(rows)
        return done

    def train_steps(self, batches):
        self.parameters, losses = self.train_many(self.parameters, self.x, self.y, batches)
        return losses.block_until_ready()

    def losses(self, steps):
        return self.train_steps(np.tile(np.arange(self.task.batch), (steps, 1))).tolist()

    def warm_up(self, seconds):
        self.train_steps(np.zeros((self.steps, self.task.batch), int))
        super().warm_up(seconds)
