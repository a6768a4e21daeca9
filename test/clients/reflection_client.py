"""A client without our files: learns the services over gRPC server reflection, builds the messages from what it is told, and asks the model with them."""
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

address, model = f"127.0.0.1:{sys.argv[1]}", sys.argv[2]
channel = grpc.insecure_channel(address)
database = ProtoReflectionDescriptorDatabase(channel)
services = set(database.get_services())
assert {"inference.GRPCInferenceService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"} == services, services

pool = descriptor_pool.DescriptorPool(database)
service = pool.FindServiceByName("inference.GRPCInferenceService")
assert len(service.methods) == 12, [method.name for method in service.methods]
assert service.methods_by_name["ModelStreamInfer"].client_streaming and service.methods_by_name["ModelStreamInfer"].server_streaming
request_type = service.methods_by_name["ModelInfer"].input_type
assert {field.name: field.number for field in request_type.fields} == {"model_name": 1, "model_version": 2, "id": 3, "parameters": 4, "inputs": 5, "outputs": 6, "raw_input_contents": 7}


def message(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def call(service_name, method, request):
    found = pool.FindServiceByName(service_name).methods_by_name[method]
    answer = message_factory.GetMessageClass(found.output_type)
    return channel.unary_unary(f"/{service_name}/{method}", request_serializer=lambda value: value.SerializeToString(), response_deserializer=answer.FromString)(request)


assert call("grpc.health.v1.Health", "Check", message("grpc.health.v1.HealthCheckRequest")()).status == 1
metadata = call("inference.GRPCInferenceService", "ModelMetadata", message("inference.ModelMetadataRequest")(name=model))
(wanted,) = metadata.inputs
config = call("inference.GRPCInferenceService", "ModelConfig", message("inference.ModelConfigRequest")(name=model)).config
assert config.name == model and config.instance_group[0].count == 1, config
values = [1.5, -2.0, 3.25]
tensor = message("inference.InferInputTensor")(name=wanted.name, datatype="FP32", shape=[1, 3])
tensor.contents.fp32_contents.extend(values)
request = message("inference.ModelInferRequest")(model_name=model, id="asked over reflection", inputs=[tensor])
request.parameters["priority"].int64_param = 1
answer = call("inference.GRPCInferenceService", "ModelInfer", request)
assert answer.id == "asked over reflection" and list(answer.outputs[0].contents.fp32_contents) == values, answer

stub = reflection_pb2_grpc.ServerReflectionStub(channel)
asked = [reflection_pb2.ServerReflectionRequest(file_containing_symbol="nothing.Here"), reflection_pb2.ServerReflectionRequest(file_by_filename="grpc/health/v1/health.proto"), reflection_pb2.ServerReflectionRequest(all_extension_numbers_of_type="x")]
refused, file, extensions = stub.ServerReflectionInfo(iter(asked))
assert refused.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0] and refused.original_request == asked[0]
assert len(file.file_descriptor_response.file_descriptor_proto) == 1
assert extensions.error_response.error_code == grpc.StatusCode.UNIMPLEMENTED.value[0]

# The newer version of the service answers the same messages.
newer = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", request_serializer=lambda value: value.SerializeToString(), response_deserializer=reflection_pb2.ServerReflectionResponse.FromString)
(listed,) = newer(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
assert {one.name for one in listed.list_services_response.service} == services
print("reflection: all answers are right")
