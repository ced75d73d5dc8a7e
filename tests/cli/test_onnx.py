"""Layers against ONNX's published node tests, of Debian's libonnx-testdata: fed with their inputs and weights, they put out
what stands there. Tests of these operators that have what layers do not are counted by why."""

import json
import math
import pathlib
import shutil
import struct
import sys
import unittest

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

NODES = pathlib.Path("/usr/share/libonnx-testdata/data/node")
OPERATORS = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "BatchNormalization",
             "Softmax", "Flatten"}
RELATIVE, ABSOLUTE = 1e-3, 1e-7  # of ONNX's own runner

THREE = "layers are for images and lines, not for volumes"
CEILING = "a window that hangs over the edge is left out (ceil_mode)"
UNCOUNTED = "padding counts in a mean (count_include_pad)"
LOWER = "of an odd number of rows the last is at the end, not the first (SAME_LOWER)"
SPREAD = "windows of pools have no dilation"
INDICES = "places of maxima are no output"
HALF = "padding of a pool is at most half of its window"
UNEVEN = "more padding at the end than at the beginning"
UNSUPPORTED = {
    "test_averagepool_2d_ceil": CEILING,
    "test_averagepool_2d_pads": HALF,
    "test_averagepool_2d_pads_count_include_pad": HALF,
    "test_averagepool_2d_precomputed_pads": UNCOUNTED,
    "test_averagepool_2d_precomputed_same_upper": UNCOUNTED,
    "test_averagepool_2d_same_lower": UNCOUNTED,
    "test_averagepool_2d_same_upper": UNCOUNTED,
    "test_averagepool_3d_default": THREE,
    "test_convtranspose_3d": THREE,
    "test_convtranspose_autopad_same": UNEVEN,
    "test_maxpool_2d_ceil": CEILING,
    "test_maxpool_2d_dilations": SPREAD,
    "test_maxpool_2d_pads": HALF,
    "test_maxpool_2d_same_lower": LOWER,
    "test_maxpool_3d_default": THREE,
    "test_maxpool_with_argmax_2d_precomputed_pads": INDICES,
    "test_maxpool_with_argmax_2d_precomputed_strides": INDICES,
}


def varint(data, at):
    """A whole number of Protocol Buffers, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of a message: whole numbers, and bytes of whatever has a length or is fixed."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def whole_numbers(values):
    """Of a repeated field, packed or not."""
    found = []
    for value in values:
        at = 0
        while not isinstance(value, int) and at < len(value):
            number, at = varint(value, at)
            found.append(signed(number))
        found += [signed(value)] if isinstance(value, int) else []
    return found


def signed(number):
    return number - (1 << 64) if number >> 63 else number


def collect(data):
    message = {}
    for number, value in fields(data):
        message.setdefault(number, []).append(value)
    return message


def read_tensor(path):
    """onnx.TensorProto: 1 dims, 2 data_type, 4 float_data, 9 raw_data."""
    message = collect(path.read_bytes())
    kind = {1: "<f4", 2: "u1", 7: "<i8", 11: "<f8"}[message[2][0]]
    raw = b"".join(message.get(9, message.get(4, [])))
    return numpy.frombuffer(raw, kind).reshape(whole_numbers(message.get(1, [])))


def read_node(path):
    """The operator of a model (7 graph) of one node (1), its attributes (5), and its inputs (1) and outputs (2) by name; None
    of a model of several nodes."""
    nodes = [collect(n) for n in collect(collect(path.read_bytes())[7][0])[1]]
    if len(nodes) != 1:
        return None
    attributes = {}
    for attribute in map(collect, nodes[0].get(5, [])):
        kind = attribute[20][0]
        name = attribute[1][0].decode()
        if kind == 1:
            attributes[name] = struct.unpack("<f", attribute[2][0])[0]
        elif kind == 2:
            attributes[name] = signed(attribute[3][0])
        elif kind == 3:
            attributes[name] = attribute[4][0].decode()
        elif kind == 7:
            attributes[name] = whole_numbers(attribute[8])
    return nodes[0][4][0].decode(), attributes, nodes[0].get(1, []), nodes[0].get(2, [])


def window(attributes, sides):
    """Kernel, stride, dilation and padding as ours, over an input of so many places: [height, width], a line's height being
    1."""
    axes = len(sides)
    flat = [1] * (2 - axes)
    kernel, strides = attributes["kernel_shape"], attributes.get("strides", [1] * axes)
    dilations = attributes.get("dilations", [1] * axes)
    pads = attributes.get("pads", [0] * 2 * axes)
    automatic = attributes.get("auto_pad", "NOTSET")
    totals = [(-(-n // s) - 1) * s + (k - 1) * d + 1 - n for n, k, s, d in zip(sides, kernel, strides, dilations)]
    if automatic == "SAME_LOWER" and any(total > 0 and total % 2 for total in totals):
        raise ValueError(LOWER)
    if automatic.startswith("SAME"):
        padding = "same"
    elif pads[:axes] == pads[axes:]:
        padding = [0] * (2 - axes) + pads[:axes]
    else:
        raise ValueError(UNEVEN)
    return {"kernel": flat + kernel, "stride": flat + strides, "dilation": flat + dilations, "padding": padding}


def transposed(attributes, x, w):
    """Of a transposed convolution the padding follows from the output's shape, where that is given: what is cut away at the
    beginning and the end of each axis is ours less output_padding at the end."""
    axes = x.ndim - 2
    kernel = list(w.shape[2:])
    strides = attributes.get("strides", [1] * axes)
    dilations = attributes.get("dilations", [1] * axes)
    more = attributes.get("output_padding", [0] * axes)
    wanted = attributes.get("output_shape")
    if attributes.get("auto_pad", "NOTSET") == "SAME_UPPER":
        wanted = [n * s for n, s in zip(x.shape[2:], strides)]
    pads = attributes.get("pads", [0] * 2 * axes)
    begins, ends = pads[:axes], pads[axes:]
    if wanted:
        whole = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(x.shape[2:], strides, kernel, dilations)]
        totals = [have - want for have, want in zip(whole, wanted)]  # below 0: as much is added
        begins = [max(total, 0) // 2 for total in totals]
        ends = [total - begin for total, begin in zip(totals, begins)]
        more = [0] * axes
    more = [m + begin - end for m, begin, end in zip(more, begins, ends)]
    if min(more) < 0:
        raise ValueError(UNEVEN)
    flat = [1] * (2 - axes)
    return {"kernel": flat + kernel, "stride": flat + strides, "dilation": flat + dilations,
            "padding": [0] * (2 - axes) + begins, "output_padding": [0] * (2 - axes) + more}


def as_image(x):
    """[rows, channels, length] as images of height 1."""
    return x if x.ndim == 4 else x.reshape(x.shape[0], x.shape[1], 1, *x.shape[2:])


def convert(operator, attributes, inputs):
    """A node as (examples, layer, its tensors, what makes the layer's output [rows, …] the node's)."""
    x, same = inputs[0], lambda y, shape: y.reshape(shape)
    if operator in ("Conv", "ConvTranspose"):
        w = as_image(inputs[1])
        transpose = operator == "ConvTranspose"
        attributes = {"kernel_shape": list(inputs[1].shape[2:]), **attributes}
        sides = transposed(attributes, x, inputs[1]) if transpose else window(attributes, x.shape[2:])
        groups = attributes.get("group", 1)
        layer = {"type": "conv_transpose2d" if transpose else "conv2d", "groups": groups, "bias": len(inputs) > 2,
                 "filters": w.shape[1] * groups if transpose else w.shape[0], **sides}
        return as_image(x), layer, {"weight": w, **({"bias": inputs[2]} if len(inputs) > 2 else {})}, same
    if operator in ("MaxPool", "AveragePool"):
        options = window(attributes, x.shape[2:])
        layer = {"type": "max_pool2d" if operator == "MaxPool" else "avg_pool2d", "size": options["kernel"],
                 "stride": options["stride"], "padding": options["padding"]}
        return as_image(x), layer, {}, same
    if operator == "GlobalMaxPool":
        return x, {"type": "max_pool2d", "size": list(x.shape[2:])}, {}, same
    if operator == "GlobalAveragePool":
        return x, {"type": "global_avg_pool"}, {}, same
    if operator == "BatchNormalization":
        names = ("weight", "bias", "running_mean", "running_var")
        layer = {"type": "batch_norm", "epsilon": round(attributes.get("epsilon", 1e-5), 9)}
        return x, layer, dict(zip(names, inputs[1:])), same
    if operator == "Softmax":  # along one axis: the other places are examples
        axis = attributes.get("axis", -1)
        moved = numpy.moveaxis(x, axis, -1)
        return (moved.reshape(-1, x.shape[axis]), {"type": "softmax"}, {},
                lambda y, shape: numpy.moveaxis(y.reshape(moved.shape), -1, axis))
    axis = attributes.get("axis", 1)
    rows = math.prod(x.shape[:axis] if axis >= 0 else x.shape[:x.ndim + axis])
    sides = [math.prod(x.shape) // rows // x.shape[-1], x.shape[-1]] if rows < x.size else [1]
    return x.reshape(rows, *sides), {"type": "flatten"}, {}, same


def reason(operator, attributes, inputs, outputs):
    """Why layers cannot do what a node asks for; None if they can."""
    if inputs[0].ndim > 4 and operator not in ("Flatten", "Softmax"):
        return THREE
    if attributes.get("ceil_mode", 0):
        return CEILING
    if operator == "MaxPool" and set(attributes.get("dilations", [1])) != {1}:
        return SPREAD
    if operator == "MaxPool" and len(outputs) > 1:
        return INDICES
    pads, kernel = attributes.get("pads", []), attributes.get("kernel_shape", [])
    if operator in ("MaxPool", "AveragePool") and any(2 * pad > size for pad, size in zip(pads, 2 * kernel)):
        return HALF
    padded = any(pads) or attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID")
    if operator == "AveragePool" and padded and not attributes.get("count_include_pad", 0):
        return UNCOUNTED
    return None


class NodeTests(ProgramTest):
    def write_weights(self, tensors):
        header, data = {}, b""
        for name, value in tensors.items():
            blob = numpy.ascontiguousarray(value, "<f4").tobytes()
            header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(blob)]}
            data += blob
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        self.write("weights.safetensors", struct.pack("<Q", len(text)) + text + data)

    def write_case(self, x, layer, tensors, last, targets):
        """A regression whose first layers are the reshaped examples and the layer."""
        flat = x.reshape(len(x), -1)
        rows = [[*map(repr, map(float, row)), *["0"] * targets] for row in flat]
        self.write("x.csv", "".join(",".join(row) + "\n" for row in rows))
        self.write_weights({f"it.{name}": value for name, value in tensors.items()} | last)
        inputs = flat.shape[1]
        layers = [{"type": "reshape", "shape": list(x.shape[1:])}, {**layer, "name": "it"}]
        layers += [{"type": "linear", "name": "last"}] if last else [{"type": "flatten"}]
        self.write("config.json", {
            "data": {"train": "x.csv", "header": False, "target": list(range(inputs, inputs + targets))},
            "model": {"weights": "weights.safetensors", "layers": layers},
            "loss": {"type": "l2"},
            "optimizer": {"type": "sgd", "learning_rate": 0.1},
            "training": {"epochs": 1, "batch_size": len(x), "shuffle": False}})

    def trace(self, x, layer, tensors, size):
        """What the layer puts out for the examples in training."""
        self.write_case(x, layer, tensors, {"last.weight": numpy.zeros((size, 1)), "last.bias": numpy.zeros(1)}, 1)
        nodes = json.loads(self.run_program("trace", "config.json", "--format", "json").stdout)["nodes"]
        return numpy.array(next(node["value"] for node in nodes if node["name"] == "it"))

    def predict(self, x, layer, tensors, size):
        """The same, of a trained network: one whose layer is frozen, and whose running figures do not run."""
        self.write_case(x, {**layer, "trainable": False, "momentum": 1e-300}, tensors, {}, size)
        shutil.rmtree(self.dir / "run", ignore_errors=True)
        self.run_program("train", "config.json", "-q", "-o", "run")
        lines = self.run_program("predict", "run", "x.csv").stdout.splitlines()[1:]
        return numpy.array([[float(cell) for cell in line.split(",")] for line in lines])

    def check(self, path):
        """None, or why it cannot be done."""
        operator, attributes, inputs, outputs = read_node(path / "model.onnx")
        data = path / "test_data_set_0"
        x = [read_tensor(data / f"input_{i}.pb") for i in range(len(inputs))]
        expected = read_tensor(data / "output_0.pb")
        why = reason(operator, attributes, x, outputs)
        if why:
            return why
        try:
            examples, layer, tensors, restore = convert(operator, attributes, x)
        except ValueError as error:
            return str(error)
        run = self.predict if operator == "BatchNormalization" and not attributes.get("training_mode", 0) else self.trace
        y = restore(run(examples, layer, tensors, expected.size // len(examples)), expected.shape)
        difference = numpy.abs(y - expected) - RELATIVE * numpy.abs(expected)
        self.assertLessEqual(difference.max(), ABSOLUTE, path.name)
        return None

    def test_layers_do_what_onnx_says(self):
        if not NODES.is_dir():
            raise unittest.SkipTest("libonnx-testdata is not installed")
        found = {}
        for path in sorted(NODES.iterdir()):
            node = read_node(path / "model.onnx")
            if node and node[0] in OPERATORS:
                with self.subTest(path.name):
                    found[path.name] = self.check(path)
        self.assertEqual({name: why for name, why in found.items() if why}, UNSUPPORTED)
        self.assertGreaterEqual(len(found) - len(UNSUPPORTED), 51)
        print(f"{len(found) - len(UNSUPPORTED)} of {len(found)} node tests; the others have what layers do not")


if __name__ == "__main__":
    main()
