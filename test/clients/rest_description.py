"""Holds a running server to our OpenAPI description with schemathesis: generated requests with a fixed seed, good and bad, and every answer as described."""
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

URL, DESCRIPTION, PATHS = sys.argv[1:4]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method"

description = yaml.safe_load(Path(DESCRIPTION).read_text())
parameters, schemas = description["components"]["parameters"], description["components"]["schemas"]
# Names that the server knows beside one that it does not, so that requests get past the first look.
parameters["model"]["schema"] = {"enum": ["layer", "nothing"]}
parameters["loadable"]["schema"] = {"enum": ["spare", "nothing"]}
parameters["version"]["schema"] = {"enum": ["1", "7"]}
tensor = schemas["InputTensor"]["properties"]
tensor["name"] = {"enum": ["x", "y"]}
tensor["datatype"] = {"enum": ["FP32", "INT64", "BYTES"]}
tensor["shape"] = {"type": "array", "maxItems": 3, "items": {"type": "integer", "minimum": 0, "maximum": 4}}
tensor["data"] = {"type": "array", "maxItems": 8, "items": {"type": ["number", "string", "null"]}}
good = {"id": "s", "inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP32", "data": [1, 0, 0, 0]}]}
rows = {"instances": [[1, 0, 0, 0]]}
for path, operations in description["paths"].items():
    body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and (path.endswith("/infer") or path in ("/invocations", "/score")):
        body["example"] = good
    elif body is not None and path.endswith(":predict"):
        body["example"] = rows
parameters["model"]["example"] = "layer"
parameters["version"]["example"] = "1"
parameters["loadable"]["example"] = "spare"

with tempfile.TemporaryDirectory() as folder:
    given = Path(folder) / "description.yaml"
    given.write_text(yaml.safe_dump(description, sort_keys=False))
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", given, "--url", URL, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--mode", "all", "--max-examples", "30", "--seed", "1", "--include-path-regex", PATHS,
         "--generation-database", "none", "--warnings", "off", "--continue-on-failure", "--workers", "1", "--no-color"],
        cwd=folder, check=False)
sys.exit(done.returncode)
