"""A LitServe server of one ONNX model on the CPU, that answers the JSON of the Open Inference Protocol. usage: litserve_app.py MODEL.onnx PATH PORT"""
import sys

import litserve
import numpy
import onnxruntime

model, path, port = sys.argv[1], sys.argv[2], int(sys.argv[3])


class Onnx(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        tensor = request["inputs"][0]
        return numpy.asarray(tensor["data"], numpy.float32).reshape(tensor["shape"])

    def predict(self, x):
        return self.session.run(None, {"x": x})[0]

    def encode_response(self, y):
        return {"outputs": [{"name": "y", "datatype": "FP32", "shape": list(y.shape), "data": y.ravel().tolist()}]}


if __name__ == "__main__":
    litserve.LitServer(Onnx(api_path=path), accelerator="cpu", workers_per_device=1).run(host="127.0.0.1", port=port, log_level="error", generate_client_file=False)
