"""ONNX files by hand, for tests that need no package: messages of Protocol Buffers, and graphs of them."""

import struct

FLOAT, INT64, STRING = 1, 7, 8


def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """A field: a whole number, a float, or what has a length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, values, kind=FLOAT):
    """TensorProto; values of STRING are texts."""
    if kind == STRING:
        data = b"".join(field(6, text) for text in values)
    else:
        data = field(9, struct.pack(f"<{len(values)}{'f' if kind == FLOAT else 'q'}", *values))
    return b"".join(field(1, n) for n in dims) + field(2, kind) + data + field(8, name)


def attribute(name, value):
    kind, number = ((2, 3) if isinstance(value, int) else (1, 2) if isinstance(value, float) else
                    (3, 4) if isinstance(value, str) else (4, 5) if isinstance(value, bytes) else
                    (6, 7) if isinstance(value[0], float) else (7, 8))
    body = b"".join(field(number, v) for v in value) if isinstance(value, list) else field(number, value)
    return field(1, name) + body + field(20, kind)


def node(operator, inputs, outputs, domain="", **attributes):
    return (b"".join(field(1, name) for name in inputs.split()) + b"".join(field(2, name) for name in outputs.split()) +
            field(3, f"the_{operator}") + field(4, operator) + field(7, domain) +
            b"".join(field(5, attribute(name, value)) for name, value in attributes.items()))


def value(name, dims, kind=FLOAT):
    """ValueInfoProto; a dimension is a number or a name."""
    shape = b"".join(field(1, field(1, n) if isinstance(n, int) else field(2, n)) for n in dims)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def model(nodes, tensors=(), inputs=(), outputs=("y",), opset=17, more=b""):
    """ModelProto; outputs are names."""
    graph = (b"".join(field(1, n) for n in nodes) + field(2, "g") + b"".join(field(5, t) for t in tensors) +
             b"".join(field(11, v) for v in inputs) + b"".join(field(12, value(name, ["n", "m"])) for name in outputs))
    return field(1, 8) + field(7, graph) + field(8, field(2, opset)) + more
