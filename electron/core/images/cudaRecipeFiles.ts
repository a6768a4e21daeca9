// The texts of the recipe for the serving image with CUDA: what a builder with a network needs, and nothing that has to be fetched by hand.
import { servingUser } from './imageDocuments.ts';
import { allocatorPairs, nodeArguments } from './startFlags.ts';

export interface CudaRecipe {
  readonly version: string;
  readonly tag: string;
  readonly nodeVersion: string;
  readonly onnxruntimeVersion: string;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly licence: string; readonly text: string }[];
}

/** CUDA 12 with cuDNN 9 is what ONNX Runtime's CUDA library is built for. */
export const cudaImage = 'nvidia/cuda:12.6.3-cudnn-runtime-ubuntu22.04';

/** `deploy --image` looks for this label. */
export const variantLabel = 'org.millwright.variant';

export const cudaRecipeFiles = (recipe: CudaRecipe): { readonly name: string; readonly content: string }[] => [
  { name: 'Dockerfile', content: dockerfile(recipe) }, { name: 'package.json', content: packageJson(recipe) }, { name: '.dockerignore', content: '*\n!package.json\n!serving.cjs\n!NOTICE\n!LICENCES.md\n' },
  { name: 'NOTICE', content: notice(recipe) }, { name: 'LICENCES.md', content: licences(recipe) }, { name: 'README.md', content: readme(recipe) },
];

const packageJson = ({ onnxruntimeVersion }: CudaRecipe): string => `${JSON.stringify({ name: 'millwright-serving-cuda', private: true, dependencies: { 'onnxruntime-node': onnxruntimeVersion } }, null, 2)}\n`;

const dockerfile = ({ version, nodeVersion, onnxruntimeVersion }: CudaRecipe): string => `# The serving runtime of Millwright ${version} with CUDA. Both base images may be pinned by digest: --build-arg CUDA_IMAGE=nvidia/cuda@sha256:…
ARG NODE_IMAGE=node:${nodeVersion}-bookworm-slim
ARG CUDA_IMAGE=${cudaImage}

FROM \${NODE_IMAGE} AS runtime
WORKDIR /build
# The package's own install step brings the CUDA library of exactly this version.
ENV ONNXRUNTIME_NODE_INSTALL=cuda12
COPY package.json ./
RUN npm install --omit=dev --no-audit --no-fund \\
 && test -f node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so \\
 && mkdir -p /out/onnxruntime-node/bin/napi-v6/linux \\
 && cp -r node_modules/onnxruntime-common /out/ \\
 && cp -r node_modules/onnxruntime-node/dist node_modules/onnxruntime-node/package.json /out/onnxruntime-node/ \\
 && cp -r node_modules/onnxruntime-node/bin/napi-v6/linux/x64 /out/onnxruntime-node/bin/napi-v6/linux/

FROM \${CUDA_IMAGE}
COPY --from=runtime /usr/local/bin/node /usr/local/bin/node
COPY --from=runtime /out/ /opt/millwright/node_modules/
COPY serving.cjs /opt/millwright/serving.cjs
COPY NOTICE LICENCES.md /usr/share/doc/millwright/
LABEL ${variantLabel}="cuda" \\
      org.millwright.onnxruntime="${onnxruntimeVersion}" \\
      org.opencontainers.image.title="Millwright serving" \\
      org.opencontainers.image.version="${version}" \\
      com.amazonaws.sagemaker.capabilities.accept-bind-to-port="true" \\
      com.amazonaws.sagemaker.capabilities.multi-models="true"
ENV HOME=/tmp NODE_ENV=production ORT_DISABLE_TELEMETRY=1 MODEL_DIR=/models PROVIDER=cuda ${allocatorPairs.join(' ')} NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER ${servingUser}
WORKDIR /opt/millwright
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
ENTRYPOINT ${JSON.stringify(['/usr/local/bin/node', ...nodeArguments, '/opt/millwright/serving.cjs'])}
CMD ["serve"]
`;

const readme = ({ tag, version }: CudaRecipe): string => `# The serving image with CUDA

This folder is built once, on a machine with Docker and a network, for linux/amd64. It needs no GPU to be built.

\`\`\`
docker build --platform linux/amd64 -t ${tag} .
docker save -o millwright-serving-cuda.tar ${tag}
\`\`\`

\`sha256sum -c SHA256SUMS\` tells beforehand whether the folder came over whole. Carry the file to the plant; there, on a machine with NVIDIA's driver and the
NVIDIA Container Toolkit:

\`\`\`
millwright deploy net.onnx --station "Line 1" --gpus all --image millwright-serving-cuda.tar
\`\`\`

Millwright takes an image that carries the label \`${variantLabel}=cuda\`, and says so where it was made for another version than ${version}. When the container
cannot use the GPU it serves on the processor and says which library it lacks: in its log, in \`/v2/models/NAME/config\` (\`KIND_CPU\`), and in \`millwright station show\`.

What was tried: the files, this Dockerfile's names and the serving program in the same layout without CUDA's library, which then serves on the processor.
What was not tried: the build itself, and inference on a GPU.

Read LICENCES.md before the image is handed on: NVIDIA's terms come with its base image.
`;

const licences = ({ nodeVersion, onnxruntimeVersion, version }: CudaRecipe): string => `# Licences of what the image holds

| part | licence | where its text is |
|---|---|---|
| Millwright serving ${version} | Apache-2.0 | NOTICE |
| packages in serving.cjs | see NOTICE | NOTICE |
| Node.js ${nodeVersion} | MIT, with the licences of its parts | in Node's image and its source |
| ONNX Runtime ${onnxruntimeVersion}, with its CUDA library | MIT | in the package onnxruntime-node |
| CUDA and cuDNN, from the base image ${cudaImage} | NVIDIA Deep Learning Container License, CUDA EULA, cuDNN SLA | /NGC-DL-CONTAINER-LICENSE in the image |
| Ubuntu, from the same base image | each package's own | /usr/share/doc in the image |
`;

const notice = ({ version, packages }: CudaRecipe): string => `Millwright serving ${version}, Apache-2.0.\nThe program contains these packages:\n\n${packages.map((one) => `${one.name} ${one.version} (${one.licence})\n\n${one.text.trim()}\n`).join('\n')}`;
