"""configs/digits.json as a PyTorch script: the same split sizes, network and epochs."""

import pathlib

import numpy as np
import torch

torch.manual_seed(1)
torch.set_num_threads(1)
table = np.loadtxt(pathlib.Path(__file__).parent.parent / "data/digits.csv", delimiter=",", skiprows=1, dtype=np.float32)
table = torch.from_numpy(table[np.random.default_rng(1).permutation(len(table))])
held = len(table) // 5
x, y = table[:, :-1], table[:, -1].long()
mean, deviation = x[held:].mean(0), x[held:].std(0)
x = (x - mean) / torch.where(deviation > 0, deviation, 1)
model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=2e-4)
loss_of = torch.nn.CrossEntropyLoss()
for epoch in range(30):
    order = held + torch.randperm(len(table) - held)
    for rows in order.split(32):
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(x[rows]), y[rows]).backward()
        optimizer.step()
with torch.no_grad():
    print((model(x[:held]).argmax(1) == y[:held]).float().mean().item())
