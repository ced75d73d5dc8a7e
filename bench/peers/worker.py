"""A worker: `worker.py PEER THREADS` trains in another program when it is told to, with its libraries loaded.

It reads lines, and answers each with numbers, or with "no" to what the program cannot do:

    speed NETWORK BATCH ROWS SECONDS    samples per second of training
    losses NETWORK BATCH STEPS          of so many steps on one batch from the same start, at a rate of 0.01

Variables of the environment set the number of threads; a program that goes by another is told here.
"""

import functools
import importlib
import os
import sys

from task import Task

PEERS = {  # module, class and options
    "chainrule": ("in_chainrule", "Chainrule", {}),
    "torch": ("in_torch", "Torch", {}),
    "torch-foreach": ("in_torch", "Torch", {"foreach": True}),
    "torch-channels-last": ("in_torch", "Torch", {"channels_last": True}),
    "torch-compile": ("in_torch", "CompiledTorch", {}),
    "torch-compile-max": ("in_torch", "CompiledTorch", {"mode": "max-autotune"}),
    "torch-compile-channels-last": ("in_torch", "CompiledTorch", {"channels_last": True}),
    "jax": ("in_jax", "Jax", {}),
    "jax-scan": ("in_jax", "ScannedJax", {}),
    "numpy": ("in_numpy", "Numpy", {}),
    "sklearn": ("in_sklearn", "Sklearn", {}),
}


def answer(peer, trained, what, network, batch, *rest):
    """The numbers of one answer; None for what the program cannot do. trained: {task: peer}, the last one."""
    rows = int(rest[0]) if what == "speed" else int(batch)
    task = Task(network, int(batch), rows, 1e-4 if what == "speed" else 0.01)
    if task.is_images and not peer.func.images:
        return None
    if what == "losses":
        return peer(task).losses(int(rest[0]))
    seconds, key = float(rest[1]), (network, batch, rows)
    if key not in trained:
        trained.clear()
        trained[key] = peer(task)
        trained[key].warm_up(seconds / 4)
    return [trained[key].speed(seconds)]


def main():
    name, threads = sys.argv[1], int(sys.argv[2])
    os.environ["NPROC"] = str(threads)  # JAX's number
    module, kind, options = PEERS[name]
    peer, trained = functools.partial(getattr(importlib.import_module(module), kind), **options), {}
    if name.startswith("torch"):
        import torch
        torch.set_num_threads(threads)
    for line in sys.stdin:
        try:
            numbers = answer(peer, trained, *line.split())
        except Exception as reason:  # such as no compiler
            print(f"bench: {name} fails at {line.strip()}: {(str(reason).strip() or repr(reason)).splitlines()[0]}", file=sys.stderr, flush=True)
            numbers = None
        print(*numbers or ["no"], flush=True)


if __name__ == "__main__":
    main()
