"""What Keras exports (by tf2onnx), and what it puts out, for tests/cli/test_import.py: imports/keras_*.onnx and
imports_keras.json beside this file. In an environment with tensorflow-cpu==2.21.0, tf2onnx==1.17.0 and onnx==1.23.2:
python3 tests/golden/imports_keras.py"""

import json
import os
import pathlib

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
from keras import layers  # noqa: E402

HERE = pathlib.Path(__file__).parent
NETWORKS = {
    "dense": ((4,), [layers.Dense(6, activation="relu"), layers.Dropout(0.2), layers.BatchNormalization(),
                     layers.Dense(6, activation="swish"), layers.LayerNormalization(), layers.Dense(3, activation="softmax")]),
    "pictures": ((12, 12, 3), [layers.Rescaling(1 / 127.5, offset=-1),
                               layers.Conv2D(4, 3, padding="same", strides=2, activation="relu"), layers.BatchNormalization(),
                               layers.MaxPooling2D(), layers.Conv2D(5, 2), layers.LeakyReLU(), layers.Flatten(),
                               layers.Dense(4, activation="elu"), layers.Dense(1, activation="sigmoid")]),
    "depthwise": ((8, 8, 1), [layers.Conv2D(4, 3, activation="tanh"), layers.DepthwiseConv2D(3, padding="same"),
                              layers.AveragePooling2D(2), layers.GlobalAveragePooling2D(), layers.Dense(5, activation="softmax")]),
    "series": ((16, 2), [layers.Conv1D(4, 3, activation="softplus"), layers.MaxPooling1D(2), layers.Flatten(), layers.Dense(2)]),
}


def rows(values):
    return [[float(f"{v:.9g}") for v in row] for row in values.reshape(len(values), -1)]


def main():
    keras.utils.set_random_seed(1)
    cases = {}
    for name, (shape, parts) in NETWORKS.items():
        network = keras.Sequential([keras.Input(shape), *parts])
        x = np.random.default_rng(1).normal(size=(64, *shape)).astype(np.float32) * (100 if name == "pictures" else 1)
        network.compile("sgd", "mse")
        network.fit(x, np.zeros((64, *network.output_shape[1:])), epochs=2, verbose=0)  # for running figures
        path = HERE / "imports" / f"keras_{name}.onnx"
        network.export(path, format="onnx", verbose=False)
        operators = sorted({node.op_type for node in onnx.load(path).graph.node})
        y = np.asarray(network(x[:4], training=False), float)
        x = np.asarray(np.moveaxis(x[:4], -1, 1) if len(shape) > 1 else x[:4], float)
        cases[f"keras_{name}"] = {"options": [], "operators": operators, "x": rows(x), "y": rows(y)}
    lines = (f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    (HERE / "imports_keras.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
