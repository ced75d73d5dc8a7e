#!/usr/bin/python3
"""Learning rates of PyTorch's schedulers and of scikit-learn's, a case each: writes schedules.json beside itself.

A warm-up is LambdaLR in front of the schedule (SequentialLR). "losses" are what a plateau sees after each epoch.
"""

import inspect
import json
import pathlib
import random
import types
import warnings

import numpy
import torch
from sklearn.neural_network._multilayer_perceptron import BaseMultilayerPerceptron
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer
from torch.optim import lr_scheduler as s

HERE = pathlib.Path(__file__).parent
BASE, TIMES = 0.4, 40
warnings.simplefilter("ignore")


def rates(make, warmup=0):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    if warmup:
        ramp = s.LambdaLR(optimizer, lambda t: min(1, (t + 1) / warmup))
        scheduler = s.SequentialLR(optimizer, [ramp, make(optimizer)], [warmup])
    else:
        scheduler = make(optimizer)
    found = []
    for _ in range(TIMES):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def plateau(losses, mode, **options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = s.ReduceLROnPlateau(optimizer, mode=mode, threshold_mode="abs", eps=0, **options)
    found = []
    for loss in losses:
        found.append(optimizer.param_groups[0]["lr"])
        scheduler.step(loss)
    return found


def invscaling(scale, power):
    optimizer = SGDOptimizer([numpy.zeros(1)], BASE, "invscaling", power_t=power)
    found = []
    for t in range(TIMES):
        found.append(optimizer.learning_rate)
        optimizer.iteration_ends(scale * (t + 1))
    return found


def adaptive(losses, tol, patience):
    """The rates, and the time after which scikit-learn's training ends, or None."""
    optimizer = SGDOptimizer([numpy.zeros(1)], BASE, "adaptive")
    mlp = types.SimpleNamespace(tol=tol, loss_curve_=[], best_loss_=numpy.inf, _no_improvement_count=0)
    count = BaseMultilayerPerceptron._update_no_improvement_count
    nothing = [None] * (len(inspect.signature(count).parameters) - 2)
    found, over = [], None
    for t, loss in enumerate(losses):
        found.append(optimizer.learning_rate)
        mlp.loss_curve_.append(loss)
        count(mlp, False, *nothing)
        if mlp._no_improvement_count > patience:
            if optimizer.trigger_stopping("", False):
                over = t
                break
            mlp._no_improvement_count = 0
    return found, over


def main():
    cases = []

    def add(schedule, make, epochs=TIMES):
        cases.append({"schedule": schedule, "epochs": epochs, "rates": rates(make, schedule.get("warmup", 0))})

    add({"type": "constant"}, lambda o: s.ConstantLR(o, factor=1))
    add({"type": "constant", "warmup": 7}, lambda o: s.ConstantLR(o, factor=1))
    add({"type": "step", "every": 6, "factor": 0.5}, lambda o: s.StepLR(o, 6, 0.5))
    add({"type": "step", "every": 5, "factor": 0.3, "warmup": 4}, lambda o: s.StepLR(o, 5, 0.3))
    add({"type": "multistep", "milestones": [3, 10, 11, 30], "factor": 0.2}, lambda o: s.MultiStepLR(o, [3, 10, 11, 30], 0.2))
    add({"type": "exponential", "factor": 0.9}, lambda o: s.ExponentialLR(o, 0.9))
    add({"type": "cosine"}, lambda o: s.CosineAnnealingLR(o, TIMES))
    add({"type": "cosine", "minimum": 0.1, "warmup": 5}, lambda o: s.CosineAnnealingLR(o, TIMES - 5, eta_min=0.1))
    add({"type": "linear"}, lambda o: s.LinearLR(o, 1, 0, TIMES))
    add({"type": "linear", "minimum": 0.04, "period": 12}, lambda o: s.LinearLR(o, 1, 0.1, 12))
    draw = random.Random(5)
    losses = [round(1 / (1 + t / 8) + draw.uniform(-0.05, 0.05), 4) if t < 20 else round(draw.uniform(0.3, 0.5), 4)
              for t in range(TIMES)]
    for options, mode, monitor in (({"patience": 2, "factor": 0.5, "min_delta": 0}, "min", "validation_loss"),
                                   ({"patience": 0, "factor": 0.7, "min_delta": 0.02, "minimum": 0.01}, "min", "train_loss"),
                                   ({"patience": 3, "factor": 0.1, "min_delta": 0.001}, "max", "validation_accuracy")):
        cases.append({"schedule": {"type": "plateau", "monitor": monitor, **options}, "epochs": TIMES, "figures": losses,
                      "rates": plateau(losses, mode, factor=options["factor"], patience=options["patience"],
                                       threshold=options["min_delta"], min_lr=options.get("minimum", 0))})
    for scale, power in ((1, 0.5), (150, 0.25)):
        cases.append({"schedule": {"type": "inverse", "scale": scale, "power": power}, "epochs": TIMES,
                      "rates": invscaling(scale, power)})
    falling = [round(1 - 0.004 * t if t < 25 else 0.9, 4) for t in range(TIMES)]  # too little each time, and then not at all
    for figures, tol, patience in ((losses, 0.02, 1), (falling, 0.005, 0), (falling, 0.004, 2)):
        found, over = adaptive(figures, tol, patience)
        cases.append({"schedule": {"type": "plateau", "monitor": "train_loss", "patience": patience, "factor": 0.2,
                                   "min_delta": tol, "from_best": True, "stop_below": 1e-6},
                      "epochs": TIMES, "figures": figures, "rates": found, "over": over})
    (HERE / "schedules.json").write_text(json.dumps({"base": BASE, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
