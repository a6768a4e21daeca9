// millwright image build | recipe | load
import type { Command } from 'commander';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';

const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

export function registerImages(program: Command, cli: CliContext): void {
  const image = program.command('image').description('the serving image, put together without a registry and without docker build')
    .addHelpText('after', '\nExamples:\n  $ millwright image build -o serving.tar\n  $ millwright image load serving.tar');
  image.command('build').description('write the serving image as one file that Docker and Podman load')
    .option('-o, --output <file>', 'the file to write', 'millwright-serving.tar')
    .option('--model <file>', 'put a model into the image (id:ABC for a registered one); without it models are mounted at /models')
    .option('--name <name>', 'name under which the model is served (default: that of the file)')
    .option('--force', 'replace the file')
    .addHelpText('after', '\nExamples:\n  $ millwright image build -o serving.tar\n  $ millwright image build --model digits.onnx --name digits -o digits.tar')
    .action(cli.action(async ({ output, model, name, force }: { output: string; model?: string; name?: string; force?: boolean }) => {
      const built = await cli.runJob('images.build', { outputPath: cli.path(output), force: force === true, ...(model === undefined ? {} : { model: cli.model(model) }), ...(name === undefined ? {} : { name }) });
      cli.result(built, () => [
        `${built.path}: ${mib(built.sizeBytes)}, written in ${(built.durationMs / 1000).toFixed(1)} s`, `Image     ${built.tag}`, `Id        ${built.imageId}`, `Manifest  ${built.manifestDigest}`, '',
        cli.table(['LAYER', 'MIB', 'CONTENT'], built.layers.map((layer) => [layer.name, (layer.sizeBytes / 1024 ** 2).toFixed(1), layer.diffId])),
      ].join('\n'));
    }));
  image.command('recipe').description('write a folder from which a machine with a network builds the serving image for GPUs')
    .option('--cuda', 'for NVIDIA GPUs').option('-o, --output <dir>', 'the folder to write', 'millwright-serving-cuda').option('--force', 'write into a folder that is not empty')
    .addHelpText('after', '\nExamples:\n  $ millwright image recipe --cuda -o serving-cuda')
    .action(cli.action(async ({ cuda, output, force }: { cuda?: boolean; output: string; force?: boolean }) => {
      if (cuda !== true) throw new AppError('BAD_USAGE', 'The kind of recipe is missing.', { hint: 'Add --cuda; without a GPU, `millwright image build` makes the whole image here.' });
      const written = await cli.runJob('images.recipe', { outputPath: cli.path(output), force: force === true });
      cli.result(written, () => [`${written.path}: ${written.files.map(({ name }) => name).join(', ')}`, 'On a machine with Docker and a network, in that folder:', `  docker build --platform linux/amd64 -t ${written.tag} .`, `  docker save -o millwright-serving-cuda.tar ${written.tag}`].join('\n'));
    }));
  image.command('load [file]').description('load an image file into the container engine; without a file, the serving image of this installation')
    .addHelpText('after', '\nExamples:\n  $ millwright image load serving.tar\n  $ millwright image load')
    .action(cli.action(async (file: string | undefined) => {
      const loaded = await cli.runJob('images.load', file === undefined ? {} : { path: cli.path(file) });
      cli.result(loaded, () => `${loaded.tag ?? 'The image'} ${loaded.alreadyThere ? 'was there already' : `is loaded in ${(loaded.durationMs / 1000).toFixed(1)} s`}.\nId  ${loaded.imageId}`);
    }));
}
