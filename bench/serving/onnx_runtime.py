"""ONNX Runtime behind MLServer, as its own documentation writes a custom runtime: one thread within an operator, as the others have."""
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxRuntime(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri, options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
        outputs = self.session.run(None, feeds)
        names = [one.name for one in self.session.get_outputs()]
        return InferenceResponse(id=payload.id, model_name=self.name, model_version=self.version, outputs=[NumpyCodec.encode_output(name, value) for name, value in zip(names, outputs)])
