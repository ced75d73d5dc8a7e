"""Tensors as the onnx package writes them, for tests/onnx/test_onnx_tensor.c: onnx_tensors.json beside this file. In an
environment with onnx==1.23.2, numpy and ml_dtypes: python3 tests/golden/onnx_tensors.py"""

import json
import pathlib

import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, numpy_helper

REALS = [0.0, -0.0, 1.0, -1.5, 0.1, 6e-8, 6.1e-5, 65504.0, -3e38, 1e300, float("inf"), float("-inf"), float("nan")]
TYPES = {"float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16, "float32": TensorProto.FLOAT,
         "float64": TensorProto.DOUBLE, "int8": TensorProto.INT8, "int16": TensorProto.INT16, "int32": TensorProto.INT32,
         "int64": TensorProto.INT64, "uint8": TensorProto.UINT8, "uint16": TensorProto.UINT16, "uint32": TensorProto.UINT32,
         "uint64": TensorProto.UINT64, "bool": TensorProto.BOOL}


def main():
    cases = []
    for name, kind in TYPES.items():
        dtype = np.dtype(getattr(ml_dtypes, name) if name == "bfloat16" else name)
        if "float" in name:
            with np.errstate(over="ignore"):
                values = np.array(REALS).astype(dtype)
        elif name == "bool":
            values = np.array([True, False, True])
        else:
            info = np.iinfo(dtype)
            values = np.array([0, 1, info.max, info.min, info.max // 3], dtype)
        fields = helper.make_tensor("t", kind, values.shape, values.astype(float) if "float16" in name else values)
        for tensor in (numpy_helper.from_array(values, "t"), fields):
            cases.append({"type": name, "raw": bool(tensor.raw_data), "file": tensor.SerializeToString().hex(),
                          "values": [repr(float(v)) for v in values]})
    lines = ",\n".join(map(json.dumps, cases))
    pathlib.Path(__file__).with_suffix(".json").write_text(f'{{"tensors": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
