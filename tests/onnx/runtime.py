"""Runs ONNX models for tests: a line of JSON in, {"model": path, "inputs": {name: {"shape", "values"}}}; a line
out, {"y": values, "shape": …} or {"error": text}. Checks the model first where the package onnx is there."""

import json
import sys

import numpy
import onnxruntime

try:
    import onnx
except ModuleNotFoundError:
    onnx = None

OPTIONS = onnxruntime.SessionOptions()
OPTIONS.log_severity_level = 4  # errors are answered


def array(given, kind):
    if kind == "tensor(string)":
        return numpy.array(given["values"], object).reshape(given["shape"])
    values = [float("nan") if v is None else float(v) for v in given["values"]]
    return numpy.array(values, {"tensor(float)": "float32", "tensor(double)": "float64"}[kind]).reshape(given["shape"])


def answer(request):
    if onnx:
        model = onnx.load(request["model"])
        onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(request["model"], OPTIONS, providers=["CPUExecutionProvider"])
    y, = session.run(["y"], {i.name: array(request["inputs"][i.name], i.type) for i in session.get_inputs()})
    return {"y": [None if v != v else float(v) for v in y.flatten()], "shape": list(y.shape), "type": str(y.dtype),
            "inputs": [[i.name, i.type, i.shape] for i in session.get_inputs()],
            "metadata": session.get_modelmeta().custom_metadata_map}


print(json.dumps({"version": onnxruntime.__version__}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:  # whatever a runtime raises is the test's to judge
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
