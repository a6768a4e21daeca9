"""Asks a running server everything that NVIDIA's client library can ask it, over HTTP and gRPC; ends with an assertion where an answer is wrong."""
import queue
import sys
import urllib.request

import grpc
import numpy as np
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

HTTP, GRPC = (f"127.0.0.1:{port}" for port in sys.argv[1:3])
KINDS = {"BOOL": bool, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64, "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64, "FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "BYTES": object}
CONTENTS = {"BOOL": "bool_contents", "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents", "UINT64": "uint64_contents", "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents", "INT64": "int64_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents"}
random = np.random.default_rng(1)


def sample(kind):
    if kind == "BYTES":
        return np.array([[b"ab", b"\xc3\xa9"], [b"", b"x" * 300]], dtype=object)
    if kind == "BOOL":
        return random.random((2, 3)) > 0.5
    if kind.startswith("FP"):
        return random.standard_normal((2, 3)).astype(KINDS[kind])
    limits = np.iinfo(KINDS[kind])
    return random.integers(limits.min, limits.max, (2, 3), dtype=KINDS[kind], endpoint=True)


def same(kind, given, got):
    assert got.shape == given.shape and (got == given).all(), (kind, given, got)


def tensor(module, name, values, **how):
    kind = next(kind for kind, type_ in KINDS.items() if type_ == (object if values.dtype == object else values.dtype.type) or (kind == "BOOL" and values.dtype == bool))
    given = module.InferInput(name, list(values.shape), kind)
    given.set_data_from_numpy(values, **how)
    return given


def refused(client, module, model, given):
    try:
        client.infer(model, [given])
    except module.InferenceServerException as error:
        assert error.message().endswith("."), error
        return str(error.status())
    raise AssertionError(f"{model} was not refused")


def check_common(client, module):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("layer") and client.is_model_ready("layer", "1")
    row = np.array([[1, 0, 0, 0]], dtype=np.float32)
    result = client.infer("layer", [tensor(module, "x", row)], request_id="r1")
    assert (result.as_numpy("y") == [[0, 1, 2]]).all()
    assert (client.infer("layer", [tensor(module, "x", row)], priority=1, timeout=60_000_000).as_numpy("y") == [[0, 1, 2]]).all()
    classes = client.infer("layer", [tensor(module, "x", row)], outputs=[module.InferRequestedOutput("y", class_count=2)])
    assert classes.as_numpy("y").tolist() == [[b"2.000000:2:c", b"1.000000:1:b"]]
    client.unload_model("id_int8")
    assert not client.is_model_ready("id_int8")
    client.load_model("id_int8")
    assert client.is_model_ready("id_int8")
    assert refused(client, module, "nothing", tensor(module, "x", row)) in ("404", "StatusCode.NOT_FOUND")
    assert refused(client, module, "layer", tensor(module, "x", row[:, :3])) in ("400", "StatusCode.INVALID_ARGUMENT")


def check_http():
    client = triton_http.InferenceServerClient(HTTP)
    check_common(client, triton_http)
    assert client.get_server_metadata()["name"] == "millwright"
    assert client.get_model_metadata("layer")["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}]
    assert client.get_model_config("layer")["name"] == "layer"
    assert any(entry["name"] == "layer" and entry["state"] == "READY" for entry in client.get_model_repository_index())
    assert client.get_inference_statistics("layer")["model_stats"][0]["inference_count"] > 0
    for kind in KINDS:
        given = sample(kind)
        for as_binary in (True, False):
            for answer_binary in (True, False):
                if kind == "FP16" and not (as_binary and answer_binary):
                    continue  # has no JSON form
                result = client.infer(f"id_{kind.lower()}", [tensor(triton_http, "x", given, binary_data=as_binary)], outputs=[triton_http.InferRequestedOutput("y", binary_data=answer_binary)])
                got = result.as_numpy("y")
                if kind == "BYTES" and not answer_binary:
                    got = np.array([[text if isinstance(text, bytes) else text.encode() for text in row] for row in got], dtype=object)
                same(kind, given, got)
    row = np.array([[1, 0, 0, 0]], dtype=np.float32)
    for coding in ("gzip", "deflate"):
        client.infer("layer", [tensor(triton_http, "x", np.repeat(row, 500, 0))], request_compression_algorithm=coding, response_compression_algorithm=coding).as_numpy("y")
    raw = urllib.request.Request(f"http://{HTTP}/v2/models/layer/infer", data=row.tobytes(), headers={"Inference-Header-Content-Length": "0"})
    with urllib.request.urlopen(raw) as answer:
        assert (np.frombuffer(answer.read()[int(answer.headers["Inference-Header-Content-Length"]):], np.float32) == [0, 1, 2]).all()


def check_grpc():
    client = triton_grpc.InferenceServerClient(GRPC)
    check_common(client, triton_grpc)
    assert client.get_server_metadata().name == "millwright"
    metadata = client.get_model_metadata("layer")
    assert [(one.name, one.datatype, list(one.shape)) for one in metadata.inputs] == [("x", "FP32", [-1, 4])]
    config = client.get_model_config("layer").config
    assert config.backend == "onnxruntime" and config.input[0].data_type == model_config_pb2.TYPE_FP32 and list(config.output[0].dims) == [-1, 3]
    assert config.instance_group[0].kind == model_config_pb2.ModelInstanceGroup.KIND_CPU and config.parameters["intra_op_thread_count"].string_value
    assert any(model.name == "layer" and model.state == "READY" for model in client.get_model_repository_index().models)
    stats = client.get_inference_statistics("layer").model_stats[0]
    assert stats.inference_count > 0 and stats.inference_stats.success.ns > 0 and stats.batch_stats[0].compute_infer.count > 0
    channel = grpc.insecure_channel(GRPC)
    stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
    for kind in KINDS:
        given = sample(kind)
        same(kind, given, client.infer(f"id_{kind.lower()}", [tensor(triton_grpc, "x", given)]).as_numpy("y"))
        if kind in CONTENTS:
            request = service_pb2.ModelInferRequest(model_name=f"id_{kind.lower()}", id="c1")
            getattr(request.inputs.add(name="x", datatype=kind, shape=given.shape).contents, CONTENTS[kind]).extend(given.ravel().tolist())
            answer = stub.ModelInfer(request)
            assert answer.id == "c1" and not answer.raw_output_contents
            same(kind, given, np.array(list(getattr(answer.outputs[0].contents, CONTENTS[kind])), dtype=KINDS[kind]).reshape(given.shape))
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put(error.message() if error else result.get_response().id))
    for number in range(100):
        client.async_stream_infer("nothing" if number == 50 else "layer", [tensor(triton_grpc, "x", np.ones((1, 4), np.float32))], request_id=str(number))
    got = [answers.get(timeout=30) for _ in range(100)]
    client.stop_stream()
    assert [text for number, text in enumerate(got) if number != 50] == [str(number) for number in range(100) if number != 50] and got[50].startswith("There is no model"), got
    large = np.zeros((2, 3_000_000), np.float32)
    same("large", large, client.infer("id_fp32", [tensor(triton_grpc, "x", large)]).as_numpy("y"))
    health = channel.unary_unary("/grpc.health.v1.Health/Check")
    assert health(b"") == b"\x08\x01" and health(b"\x0a\x05layer") == b"\x08\x01"


check_http()
check_grpc()
print("tritonclient: all answers are right")
