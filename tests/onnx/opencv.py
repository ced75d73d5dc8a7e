"""As runtime.py, of OpenCV's dnn (Debian's python3-opencv) and models with the one input x."""

import json
import sys

import cv2
import numpy


def answer(request):
    network = cv2.dnn.readNetFromONNX(request["model"])
    x = request["inputs"]["x"]
    network.setInput(numpy.array(x["values"], "float32").reshape(x["shape"]), "x")
    y = network.forward("y")
    return {"y": [float(v) for v in y.flatten()], "shape": list(y.shape)}


print(json.dumps({"version": cv2.__version__}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except cv2.error as error:
        print(json.dumps({"error": str(error)}), flush=True)
