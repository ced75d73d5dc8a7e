"""ONNX files of other programs, and what they put out, for tests/cli/test_import.py: imports/*.onnx and imports.json beside
this file. In an environment with torch==2.13.0, onnx==1.23.2, onnxscript==0.7.2, onnxruntime==1.32.0, skl2onnx==1.20.0,
scikit-learn==1.9.1, pandas==3.1.1 and numpy: python3 tests/golden/imports.py

Networks of PyTorch by its two exporters, of scikit-learn by skl2onnx, and graphs by hand."""

import json
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
import pandas
import torch
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
ROWS = 4
random = np.random.default_rng(1)
cases = {}


def keep(name, model, x, y=None, options=(), channels_last=False, output=-1):
    """The file, examples as the rows of a table, and what onnxruntime makes of them unless y is given."""
    onnx.checker.check_model(model, full_check=y is None)
    path = HERE / "imports" / f"{name}.onnx"
    onnx.save(model, path)
    if y is None:
        session = onnxruntime.InferenceSession(str(path))
        y = session.run(None, {session.get_inputs()[0].name: x})[output]
    y = np.asarray(y, float)
    x = np.asarray(x, float)
    if channels_last:
        x = np.moveaxis(x, -1, 1)
    cases[name] = {"options": list(options), "operators": sorted({node.op_type for node in model.graph.node}),
                   "x": rows(x), "y": rows(y)}


def rows(values):
    return [[float(f"{v:.9g}") for v in row] for row in values.reshape(len(values), -1)]


def examples(*shape):
    return random.normal(size=(ROWS, *shape)).astype(np.float32)


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second = nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3, 2, 1)
        self.last = nn.Linear(16, 5)

    def forward(self, x):
        x = torch.relu(self.norm(self.first((x - 0.5) / 0.25)))
        x = nn.functional.elu(self.second(nn.functional.max_pool2d(x, 2)))
        return torch.log_softmax(self.last(x.view(x.size(0), -1)), 1)


class Gates(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.norm, self.b, self.last = nn.Linear(6, 6), nn.LayerNorm(6), nn.Linear(6, 6), nn.Linear(12, 2)

    def forward(self, x):
        h = self.norm(nn.functional.softplus(self.a(x)) + x)
        k = torch.sigmoid(self.b(h)) * torch.tanh(h) - nn.functional.leaky_relu(x, 0.2)
        return self.last(torch.cat([h, k], 1)) * 2 + 1


class Larger(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1, output_padding=1, groups=2)
        self.narrow = nn.Conv2d(4, 4, (3, 1), dilation=(2, 1), groups=2, bias=False)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        x = nn.functional.interpolate(self.narrow(torch.relu(self.up(x))), scale_factor=2, mode="nearest")
        x = nn.functional.adaptive_avg_pool2d(nn.functional.avg_pool2d(x, 2), 1).flatten(1)
        return torch.softmax(self.last(x), -1)


class Lines(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.last = nn.Conv1d(2, 3, 3, padding=1), nn.BatchNorm1d(3), nn.Linear(12, 1)
        self.up = nn.ConvTranspose1d(3, 3, 2)

    def forward(self, x):
        x = nn.functional.max_pool1d(self.norm(self.up(self.conv(x))), 2)
        return torch.sigmoid(self.last(x.reshape(-1, 12)))


def write_torch():
    torch.manual_seed(1)
    mlp = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 6), nn.GELU(), nn.Dropout(0.3), nn.Linear(6, 3))
    for name, network, shape in (("mlp", mlp, (4,)), ("images", Images(), (1, 8, 8)), ("gates", Gates(), (6,)),
                                 ("larger", Larger(), (4, 4, 4)), ("lines", Lines(), (2, 8))):
        for _ in range(3):  # running figures of a batch_norm
            network(torch.randn(16, *shape))
        network.eval()
        x = examples(*shape)
        y = network(torch.from_numpy(x)).detach().numpy()
        y = np.exp(y) if name == "images" else y  # of the logarithms of probabilities
        for suffix, settings in (("old", {"dynamo": False, "dynamic_axes": {"x": {0: "n"}}}),
                                 ("new", {"dynamo": True, "dynamic_shapes": ({0: torch.export.Dim("n")},),
                                          "external_data": False, "verbose": False}),
                                 ("fixed", {"dynamo": False})):
            path = HERE / "imports" / "x.onnx"
            torch.onnx.export(network, (torch.randn(2, *shape),), path, input_names=["x"], output_names=["y"], **settings)
            model = onnx.load(path)
            path.unlink()
            model.ClearField("metadata_props")
            for part in (*model.graph.node, *model.graph.input, *model.graph.output, model.graph, *model.graph.value_info,
                         *model.graph.initializer):
                part.ClearField("metadata_props")  # traces of the stack
            keep(f"torch_{name}_{suffix}", model, x, y)


def write_sklearn():
    x = random.normal(size=(60, 4)).astype(np.float32)
    kind = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.3)
    words = np.array(["setosa", "versicolor", "virginica"])[kind]
    settings = {"hidden_layer_sizes": (6,), "max_iter": 40, "random_state": 0}

    def add(name, network, target, **more):
        network.fit(x, target)
        y = network.predict_proba(x[:ROWS]) if hasattr(network, "predict_proba") else network.predict(x[:ROWS])
        keep(f"sklearn_{name}", to_onnx(network, x[:1], **more), x[:ROWS], y)

    add("words", MLPClassifier(**settings), words)
    add("numbers", MLPClassifier(**settings, activation="tanh"), kind + 1)
    add("two", MLPClassifier(**settings, activation="logistic"), words == "setosa")
    add("array", MLPClassifier(**settings), words, options={"zipmap": False})
    add("labels", MLPClassifier(**settings), np.stack([kind > 0, kind > 1], 1).astype(int), options={"zipmap": False})
    add("regression", MLPRegressor(**settings), x[:, 0] * 3 + x[:, 1])
    add("standardize", make_pipeline(StandardScaler(), MLPClassifier(**settings)), words)
    add("minmax", make_pipeline(MinMaxScaler(), MLPRegressor(**settings, activation="identity")), x[:, 0] - x[:, 1])
    table = pandas.DataFrame(x, columns=["alpha", "beta", "gamma", "delta"])
    network = make_pipeline(StandardScaler(), MLPClassifier(**settings)).fit(table, words)
    keep("sklearn_columns", to_onnx(network, table[:1]), x[:ROWS], network.predict_proba(table[:ROWS]))


def graph(name, nodes, tensors, shape, y=None, opset=17, x=None, **more):
    """A graph by hand from x [n, …] to y."""
    values = [numpy_helper.from_array(np.asarray(value), key) for key, value in tensors.items()]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", None])]
    model = helper.make_model(helper.make_graph(nodes, name, inputs, outputs, values),
                              opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    keep(name, model, examples(*shape) if x is None else x, y, **more)


def weights(*shape):
    return random.normal(size=shape).astype(np.float32) / 2


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs.split(), [output], **attributes)


def write_last():
    """Channels last outside, as tf2onnx writes them; imports_keras.py has what it makes of layers."""
    tensors = {"k1": weights(4, 3, 3, 3), "b1": weights(4), "k2": weights(5, 4, 3, 3), "b2": weights(5),
               "shape": np.array([-1, 20]), "w": weights(20, 3), "b": weights(3), "scale": np.float32([1 / 255])}
    graph("last_images", [node("Mul", "x scale", "raw"), node("Transpose", "raw", "t", perm=[0, 3, 1, 2]),
                           node("Conv", "t k1 b1", "c1", auto_pad="SAME_UPPER", strides=[2, 2]), node("Relu", "c1", "r1"),
                           node("MaxPool", "r1", "p", kernel_shape=[2, 2], strides=[1, 1]),
                           node("Conv", "p k2 b2", "c2", pads=[0, 0, 1, 1], strides=[2, 2], kernel_shape=[3, 3]),
                           node("Relu", "c2", "r2"), node("Transpose", "r2", "u", perm=[0, 2, 3, 1]),
                           node("Reshape", "u shape", "f"), node("MatMul", "f w", "m"), node("Add", "m b", "s"),
                           node("Softmax", "s", "y")],
          tensors, (10, 10, 3), x=examples(10, 10, 3) * 100, channels_last=True)
    graph("last_grey", [node("Reshape", "x first", "t"), node("Conv", "t k b", "c"), node("Relu", "c", "r"),
                         node("ReduceMean", "r", "m", axes=[2, 3], keepdims=0), node("MatMul", "m w", "y")],
          {"first": np.array([-1, 1, 6, 5]), "k": weights(4, 1, 3, 3), "b": weights(4), "w": weights(4, 2)}, (6, 5, 1))
    graph("last_lines", [node("Transpose", "x", "t", perm=[0, 2, 1]), node("Conv", "t k b", "c", dilations=[2]),
                          node("Transpose", "c", "u", perm=[0, 2, 1]), node("Relu", "u", "r"), node("Mul", "r g", "g1"),
                          node("Flatten", "g1", "f"), node("Gemm", "f w", "y")],
          {"k": weights(3, 2, 3), "b": weights(3), "w": weights(9, 2), "g": weights(3)}, (7, 2), channels_last=True)


def write_operators():
    """What exporters seldom write."""
    graph("functions", [node("Exp", "x", "a"), node("Add", "a one", "b"), node("Log", "b", "c"), node("Sqrt", "c", "d"),
                        node("Reciprocal", "d", "e"), node("Pow", "e two", "f"), node("Pow", "f three", "g"),
                        node("Neg", "g", "h"), node("Sum", "h x a", "i"), node("Max", "i x row", "j"),
                        node("PRelu", "j slope", "k"), node("Div", "k d", "l"), node("Div", "one l", "m"),
                        node("Sub", "one m", "n"), node("Max", "n zero", "o"), node("Mul", "o row", "q"),
                        node("Sub", "row q", "r"), node("Clip", "r zero two", "s"), node("Clip", "x minus one", "t"),
                        node("Add", "s t", "y")],
          {"minus": np.float32(-0.5), "one": np.float32(1), "two": np.float32(2), "three": np.float32(3), "zero": np.float32(0),
           "row": weights(1, 5), "slope": np.float32([0.25])}, (5,))
    graph("sums", [node("ReduceMean", "x", "a", axes=[1]), node("ReduceSum", "x axis", "b"),
                   node("ReduceSumSquare", "x", "c", axes=[-1]), node("Concat", "a b c x", "d", axis=-1),
                   node("Dropout", "d", "e"), node("Identity", "e", "f"), node("Cast", "f", "y", to=1)],
          {"axis": np.array([1])}, (4,))
    graph("gelu", [node("Gemm", "x w b", "a", alpha=0.5, beta=2.0), node("Div", "a root", "c"), node("Erf", "c", "d"),
                   node("Add", "d one", "e"), node("Mul", "a e", "f"), node("Mul", "f half", "y")],
          {"w": weights(4, 6), "b": weights(1, 6), "root": np.float32(2**0.5), "one": np.float32(1),
           "half": np.float32(0.5)}, (4,))
    graph("gelu_keras", [node("MatMul", "x w", "a"), node("Mul", "half a", "b"), node("Mul", "a root", "c"),
                         node("Erf", "c", "d"), node("Add", "one d", "e"), node("Mul", "b e", "y")],
          {"w": weights(4, 6), "root": np.float32(0.5**0.5), "one": np.float32(1), "half": np.float32(0.5)}, (4,))
    graph("shapes", [node("Shape", "x", "s"), node("Slice", "s zero one zero", "n"), node("Gather", "s two", "c"),
                     node("Unsqueeze", "c zero", "c1"), node("Mul", "c1 size", "more"), node("Concat", "n more", "to", axis=0),
                     node("GlobalMaxPool", "x", "g"), node("Squeeze", "g last", "h"), node("Reshape", "x to", "f"),
                     node("Transpose", "w", "wt", perm=[1, 0]), node("MatMul", "f wt", "m"), node("Concat", "h m", "j", axis=1),
                     node("Unsqueeze", "j one", "u"), node("Flatten", "u", "y")],
          {"zero": np.array([0]), "one": np.array([1]), "two": np.array(1), "size": np.array([12]),
           "last": np.array([2, 3]), "w": weights(2, 24)}, (2, 3, 4))
    graph("upsample", [node("Upsample", "x s", "a"), node("Conv", "a k", "c"), node("Add", "c b", "d"), node("Mul", "d g", "e"),
                       node("Relu", "e", "r"), node("Add", "r b", "q"), node("GlobalAveragePool", "q", "p"),
                       node("Flatten", "p", "y")],
          {"s": np.float32([1, 1, 2, 3]), "k": weights(3, 2, 2, 2), "b": weights(3, 1, 1), "g": weights(1, 3, 1, 1)},
          (2, 3, 4), opset=9)
    graph("products", [node("MatMul", "x w", "h"), node("Reshape", "h s", "a"), node("Reshape", "h t", "b"),
                       node("MatMul", "a b", "m"), node("Tanh", "m", "k"), node("Flatten", "k", "y")],
          {"w": weights(3, 6), "s": np.array([0, 3, 2]), "t": np.array([-1, 2, 3])}, (3,))
    for name, kind in (("float16", np.float16), ("float64", np.float64)):
        graph(name, [node("Cast", "w", "v", to=1), node("MatMul", "x v", "y")], {"w": weights(4, 3).astype(kind)}, (4,))
    w, b = weights(4, 3), weights(3)
    x = examples(4)
    scores = np.exp(x @ w + b)
    graph("unsorted", [node("Gemm", "x w b", "y")], {"w": w, "b": b}, (4,), x=x,
          y=(scores / scores.sum(1, keepdims=True))[:, [2, 0, 1]], options=["--loss", "softmax", "--classes", "dog,eel,cat"])


def main():
    write_torch()
    write_sklearn()
    write_last()
    write_operators()
    lines = (f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    (HERE / "imports.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
