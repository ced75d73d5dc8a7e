"""PyTorch: as its users write a loop, and compiled."""

import warnings

import numpy as np
import torch
from task import Peer

torch.set_default_dtype(torch.float32)
warnings.filterwarnings("ignore")


def make_model(task):
    nn, layers, flat = torch.nn, [], not task.is_images
    for kind, *sizes in task.layers:
        if kind == "linear":
            layers += ([] if flat else [nn.Flatten()]) + [nn.Linear(*sizes)]
            flat = True
        else:
            layers.append(nn.Conv2d(*sizes[:3], padding=sizes[3]) if kind == "conv"
                          else nn.ReLU() if kind == "relu" else nn.MaxPool2d(2))
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for layer, (w, b) in zip((part for part in layers if hasattr(part, "weight")), task.weights()):
            layer.weight.copy_(torch.from_numpy(w.T.copy() if w.ndim == 2 else w))
            layer.bias.copy_(torch.from_numpy(b))
    return model


class Torch(Peer):
    images = True

    def __init__(self, task, foreach=None, channels_last=False):
        super().__init__(task)
        layout = {"memory_format": torch.channels_last} if channels_last else {}
        x, y = task.data()
        self.x, self.y = torch.from_numpy(x).contiguous(**layout), torch.from_numpy(y)
        self.model = make_model(task).to(**layout)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=task.rate, foreach=foreach)
        self.loss = torch.nn.CrossEntropyLoss()

    def step(self, rows):
        rows = torch.from_numpy(rows)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.x[rows]), self.y[rows])
        loss.backward()
        self.optimizer.step()
        return loss.detach()


class CompiledTorch(Torch):
    """The whole step in one graph, the gather and the update too: several times as fast on small networks as the model
    alone compiled."""

    def __init__(self, task, channels_last=False, mode=None):
        super().__init__(task, channels_last=channels_last)
        names, parameters = zip(*self.model.named_parameters())
        self.parameters = [p.detach().clone() for p in parameters]

        def loss_of(values, x, y):
            return self.loss(torch.func.functional_call(self.model, dict(zip(names, values)), (x,)), y)

        @torch.compile(mode=mode, fullgraph=True, dynamic=False)
        def train(values, x, y, rows):
            gradients, loss = torch.func.grad_and_value(loss_of)(values, x[rows], y[rows])
            for value, gradient in zip(values, gradients):
                value.sub_(task.rate * gradient)
            return loss

        self.train = train

    def step(self, rows):
        return self.train(self.parameters, self.x, self.y, torch.from_numpy(np.ascontiguousarray(rows)))
