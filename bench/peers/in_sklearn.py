"""scikit-learn's MLPClassifier."""

import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier
from task import Peer

MOST_ROWS = 10000  # since an epoch cannot be left early

warnings.simplefilter("ignore")


class Sklearn(Peer):
    def __init__(self, task):
        super().__init__(task)
        x, y = task.data()
        self.x, self.y = x[:MOST_ROWS], y[:MOST_ROWS]
        self.model = MLPClassifier(tuple(task.units[1:-1]), solver="sgd", momentum=0, learning_rate_init=task.rate,
                                   alpha=0, batch_size=task.batch, max_iter=1, random_state=1)

    def step(self, rows):
        if not hasattr(self.model, "coefs_"):  # a first step makes them, and the optimizer that knows where they are
            self.fit(rows)
            for place, (w, b) in zip(range(len(self.model.coefs_)), self.task.weights()):
                self.model.coefs_[place][:] = w
                self.model.intercepts_[place][:] = b
        return self.fit(rows)

    def fit(self, rows):
        self.model.partial_fit(self.x[rows], self.y[rows], classes=np.arange(self.task.classes))
        return self.model.loss_

    def epoch(self, until):
        self.fit(slice(None))
        return len(self.x)

    def warm_up(self, seconds):
        self.speed(seconds)
