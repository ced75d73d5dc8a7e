"""configs/cifar10_conv.json in PyTorch: cifar10_torch.py FOLDER [THREADS] [SEED] [EPOCHS].

FOLDER has train/ and test/ with a folder of pictures a class. Prints the seconds of the training
loop and the test accuracy.
"""

import math
import pathlib
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn

BATCH, RATE, PADDING = 64, 0.001, 4


def load(folder):
    classes = sorted(p.name for p in folder.iterdir())
    files = [(f, i) for i, c in enumerate(classes) for f in sorted((folder / c).iterdir())]
    x = np.stack([np.asarray(Image.open(f)) for f, _ in files])
    return torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.tensor([i for _, i in files])


def network():
    def conv(n, m):
        return [nn.Conv2d(n, m, 3, padding=1), nn.ReLU()]
    model = nn.Sequential(*conv(3, 32), *conv(32, 32), nn.MaxPool2d(2), *conv(32, 64), *conv(64, 64), nn.MaxPool2d(2),
                          nn.Dropout(0.2), nn.Flatten(), nn.Linear(4096, 256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, 10))
    for layer in model:
        if hasattr(layer, "weight"):  # as chainrule begins
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


def augment(x):
    """A crop of the padded image and a flip, each drawn for each image."""
    n, _, height, width = x.shape
    padded = nn.functional.pad(x, (PADDING,) * 4)
    down, right = torch.randint(0, 2 * PADDING + 1, (2, n))
    rows = down[:, None] + torch.arange(height)
    columns = right[:, None] + torch.arange(width)
    columns = torch.where(torch.rand(n, 1) < 0.5, columns, columns.flip(1))
    return padded[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def main():
    folder, given = pathlib.Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
    threads, seed, epochs = given + [2, 1, 20][len(given):]
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    (x, y), (x_test, y_test) = load(folder / "train"), load(folder / "test")
    mean, std = x.float().mean((0, 2, 3)), x.float().std((0, 2, 3), unbiased=False)

    def normal(x):
        return ((x.float() - mean[:, None, None]) / std[:, None, None]).contiguous(memory_format=torch.channels_last)
    model = network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    steps, step, began = epochs * math.ceil(len(x) / BATCH), 0, time.perf_counter()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * step / steps)) / 2
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(normal(augment(x[rows]))), y[rows]).backward()
            optimizer.step()
            step += 1
    seconds = time.perf_counter() - began
    model.eval()
    with torch.no_grad():
        right = sum((model(normal(x_test[i:i + 500])).argmax(1) == y_test[i:i + 500]).sum().item() for i in range(0, len(x_test), 500))
    print(f"{seconds:.1f} s, test accuracy {right / len(x_test):.4f}")


if __name__ == "__main__":
    main()
