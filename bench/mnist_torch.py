"""configs/mnist.json as a PyTorch script. Usage: mnist_torch.py FOLDER THREADS. Prints the seconds
of the training loop alone (tensors in memory, no DataLoader) and the test accuracy."""

import gzip
import pathlib
import sys
import time

import numpy as np
import torch

folder = pathlib.Path(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)


def read(name, offset):
    return np.frombuffer(gzip.open(folder / name).read(), np.uint8, offset=offset)


def images(name):
    return torch.from_numpy(read(name, 16).reshape(-1, 784).astype(np.float32) / 255)


x, y = images("train-images-idx3-ubyte.gz"), torch.from_numpy(read("train-labels-idx1-ubyte.gz", 8).astype(np.int64))
test = images("t10k-images-idx3-ubyte.gz"), torch.from_numpy(read("t10k-labels-idx1-ubyte.gz", 8).astype(np.int64))
model = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
for layer in (model[0], model[2]):
    torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    torch.nn.init.zeros_(layer.bias)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss_of = torch.nn.CrossEntropyLoss()
began = time.perf_counter()
for epoch in range(10):
    for rows in torch.randperm(len(x)).split(64):
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(x[rows]), y[rows]).backward()
        optimizer.step()
seconds = time.perf_counter() - began
with torch.no_grad():
    print(seconds, (model(test[0]).argmax(1) == test[1]).float().mean().item())
