"""Asks a running server with KServe's client library, over REST and gRPC; cannot share a process with NVIDIA's, which registers the same messages."""
import asyncio
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

HTTP, GRPC = sys.argv[1:3]


def request(binary):
    given = InferInput(name="x", shape=[1, 4], datatype="FP32")
    given.set_data_from_numpy(np.array([[1, 0, 0, 0]], dtype=np.float32), binary_data=binary)
    return InferRequest(model_name="layer", infer_inputs=[given], request_id="k1")


def check(answer):
    assert answer.id == "k1" and answer.model_name == "layer", answer
    assert np.allclose(answer.outputs[0].as_numpy(), [[0, 1, 2]]), answer


async def main():
    rest = InferenceRESTClient(RESTConfig(protocol="v2"))
    base = f"http://127.0.0.1:{HTTP}"
    assert await rest.is_server_live(base) and await rest.is_server_ready(base) and await rest.is_model_ready(base, "layer")
    for binary in (False, True):
        check(await rest.infer(base, request(binary), model_name="layer"))
    client = InferenceGRPCClient(url=f"127.0.0.1:{GRPC}")
    assert await client.is_server_live() and await client.is_server_ready() and await client.is_model_ready("layer")
    for binary in (False, True):
        check(await client.infer(request(binary)))


asyncio.run(main())
print("kserve: all answers are right")
