// Optimise: model, goal, calibration, recipe, run; then what was measured, what each layer costs, which decisions changed.
import { IconAdjustmentsHorizontal, IconPlayerPlay } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { InputOf } from '#shared/contract/index';
import type { JobRecord } from '#shared/contract/jobs';
import type { QuantizeInput, QuantizeOutput } from '#shared/contract/optimize';
import { useJob, useJobs } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { routeHref, useRoute } from '../../app/routes.ts';
import { Button, CopyButton, PrimaryAction, PrimaryLink } from '../../ui/Button.tsx';
import { Card, EmptyState, Note, PageHead } from '../../ui/Card.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { formatDuration, formatNumber, plural } from '../../ui/format.ts';
import { CandidateTable } from './CandidateTable.tsx';
import { DiffCard } from './DiffCard.tsx';
import { FlipCard } from './FlipCard.tsx';
import { FrontierCard } from './FrontierCard.tsx';
import { LayerCard } from './LayerCard.tsx';
import { figuresOf } from './layerRows.ts';
import { OptimiseForm } from './OptimiseForm.tsx';
import { ResultStats } from './ResultStats.tsx';
import { resultToShow } from './resultToShow.ts';
import { choicesOf, firstChoices, goalWords, inputAgain, quantizeCommand, quantizeInput, recipeWords, type Choices } from './recipeText.ts';
import { modelToLookAt, TensorHistogram } from './TensorHistogram.tsx';

const noNames: readonly string[] = [];

export function OptimisePage() {
  const { query, setQuery } = useRoute();
  const models = useOp('models.list', {});
  const datasets = useOp('datasets.list', {}).data;
  const originals = useMemo(() => (models.data ?? []).filter((model) => model.runnable.ok), [models.data]);
  const modelId = query.model ?? originals.find((model) => !model.derivedFrom)?.id ?? null;
  const model = models.data?.find((each) => each.id === modelId) ?? null;
  const [edited, setEdited] = useState<Partial<Choices>>({});
  const mine = (record: JobRecord) => JSON.stringify((record.input as Partial<QuantizeInput>).model) === JSON.stringify({ id: modelId }); // a job of this operation was started with its input
  const job = useJob('models.quantize', mine, modelId ?? '');
  const shown = resultToShow(useJobs(), job.record, job.busy, mine);
  const output = (shown?.output ?? null) as QuantizeOutput | null; // checked by the host when it was stored
  const ran = (shown ?? job.record)?.input as Partial<QuantizeInput> | undefined;
  const [setup, setSetup] = useState(false);
  useCrumb(model?.name);
  const looking = output && modelToLookAt(output, ran?.calibration);
  // The settings go on from the last run, also from one that was cancelled or failed; what was changed since stands above both.
  const last = job.record ? choicesOf(job.record.input as Partial<QuantizeInput>) : {};
  const first: Choices = { ...firstChoices, calibrationId: datasets?.find((set) => set.purpose === 'calibration')?.id ?? null };
  const choices: Choices = { ...first, ...last, ...(query.calibration ? { calibrationId: query.calibration } : {}), ...edited };
  const ranChoices: Choices | null = ran ? { ...first, ...choicesOf(ran) } : null;
  const showForm = setup || (!output && !job.busy);
  const start = async (input: InputOf<'models.quantize'>) => {
    if (await job.start(input) === null) return;
    setEdited({}); // from here on the run itself tells what was chosen
    setSetup(false);
    setQuery({ calibration: null });
  };
  // While a result is looked at, the command is the one that makes it again.
  const told = showForm ? choices : ranChoices ?? choices;
  const calibration = datasets?.find((set) => set.id === told.calibrationId) ?? null;
  const test = datasets?.find((set) => set.purpose === 'test') ?? null;
  const made = output && !output.keptOriginal ? output.modelId : null;
  const wideLayers = output !== null && Object.values(figuresOf(output)).some(Boolean);
  const chosenName = output?.candidates.find((candidate) => candidate.chosen)?.name ?? output?.recipe ?? '';

  if (models.data && originals.length === 0) return (
    <><PageHead title="Optimise" sub="Makes a model smaller and faster, and proves what it costs."><PrimaryLink href={routeHref('models', null, { add: '1' })}>Import a model</PrimaryLink></PageHead>
      <Card label="Optimise"><EmptyState icon={<IconAdjustmentsHorizontal size={24} stroke={1.5} />} title="No model to optimise yet">Import an ONNX model first. With a calibration set beside it, INT8 can be tried; without one only the recipes that need no data.</EmptyState></Card></>
  );
  return (
    <>
      <PageHead title={model ? `Optimise ${model.name}` : 'Optimise'} sub={(output || job.busy) && ran ? <>Goal: {goalWords[ran.goal ?? 'speed'].toLowerCase()} with at most {formatNumber(ran.maxDropPercent ?? 1)} {ran.maxDropPercent === undefined || ran.maxDropPercent === 1 ? 'point' : 'points'} of accuracy lost · {ran.calibration ? 'calibrated' : 'no calibration set'} · {recipeWords[ran.recipe ?? 'auto'].toLowerCase()}{ran.exclude && ran.exclude.length > 0 && <> · {plural(ran.exclude.length, 'layer')} kept in float</>}{output && <> · took {formatDuration(output.durationMs)}</>}</> : 'Makes a model smaller and faster, and measures what it costs, on this machine.'}>
        {model && <CopyButton text={quantizeCommand(model.path, calibration?.path ?? null, told)}>Copy as command</CopyButton>}
        {(output || job.busy) && <Button onClick={() => setSetup(!setup)}>{setup ? 'Hide the settings' : 'Change the settings'}</Button>}
        {output && !setup ? <PrimaryLink href={routeHref('validate', null, { model: made ?? modelId, reference: made ? modelId : null, data: test?.id })}>Validate {made ? chosenName : 'the original'}</PrimaryLink>
          : <PrimaryAction icon={<IconPlayerPlay size={15} aria-hidden />} disabled={modelId === null || job.busy} onClick={() => modelId !== null && void start(quantizeInput(modelId, choices))}>{job.busy ? 'Optimising' : 'Optimise'}</PrimaryAction>}
      </PageHead>
      {showForm && <OptimiseForm models={originals} datasets={datasets ?? []} modelId={modelId} choices={choices} busy={job.busy} onModel={(id) => setQuery({ model: id, layer: null })} onChange={(part) => setEdited({ ...edited, ...part })} />}
      {(job.busy || job.error || job.record?.state === 'cancelled' || job.record?.state === 'interrupted') && <Card title={job.busy ? 'Running' : 'Last run'} unit={job.busy ? 'goes on when you leave this screen' : undefined}><JobPanel job={job} /></Card>}
      {output && model && (
        <>
          {output.keptOriginal && <Note tone="warn">The original was kept: no candidate was both faster and within the loss allowed. What was tried, and why it was rejected, is below.</Note>}
          <ResultStats output={output} />
          <div className={wideLayers ? 'stack' : 'cols2 stretch'} style={wideLayers ? { gap: 'var(--gap)' } : undefined}>
            <FrontierCard output={output} limitMs={query.latency ? Number(query.latency) : null} onLimit={(value) => setQuery({ latency: value === null ? null : String(value) })} />
            <LayerCard key={shown?.id} output={output} busy={job.busy} exclude={ran?.exclude ?? noNames} onRun={(exclude) => modelId !== null && ran && void start(inputAgain(modelId, ran, output, exclude))} look={looking ? (layer) => setQuery({ layer }) : undefined} looked={query.layer ?? null} />
          </div>
          {looking && query.layer && <TensorHistogram {...looking} node={query.layer} onClose={() => setQuery({ layer: null })} />}
          {output.candidates.length > 0 && <CandidateTable candidates={output.candidates} />}
          {made && modelId && <FlipCard a={modelId} b={made} datasets={datasets ?? []} bName={chosenName} />}
          {made && modelId && <DiffCard a={modelId} b={made} />}
          {output.findings.length > 0 && <Card title="Findings"><Findings findings={output.findings} /></Card>}
        </>
      )}
    </>
  );
}
