// One validation: verdict, limits with intervals, confusion, classes, changed decisions, latency, where it ran.
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref } from '../../app/routes.ts';
import { LinkButton, PrimaryLink } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, PageHead, Stat, Stats } from '../../ui/Card.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatBytes, formatCount, formatDateTime, formatDb, formatMs, formatNumber, formatShare, plural } from '../../ui/format.ts';
import { LimitTable } from '../../ui/LimitTable.tsx';
import { Badge, ToneIcon, verdictTone } from '../../ui/Status.tsx';
import { HashText, PathText } from '../../ui/Text.tsx';
import { describeDecision } from '#shared/contract/decision';
import { describeRuntime } from '#shared/contract/runtimeOptions';
import { AppError } from '#shared/errors';
import { Confusion } from './Confusion.tsx';
import { CostDialCard } from './CostDialCard.tsx';
import { LatencyCard, PercentileCard, ProviderCard } from './BenchParts.tsx';
import { ExplanationsCard } from './ExplanationsCard.tsx';
import { QualificationCards } from './QualificationCards.tsx';
import { TaskFigures } from './TaskFigures.tsx';

export function ValidationDetail({ id }: { readonly id: string }) {
  const list = useOp('validation.list', {});
  const models = useOp('models.list', {}).data;
  const evidence = useOp('evidence.list', {}).data?.find((each) => each.validationId === id);
  const run = list.data?.find((each) => each.id === id);
  const model = models?.find((each) => each.summary.sha256 === run?.modelSha256);
  useCrumb(run ? `${model?.name ?? 'Model'}, attempt ${run.attempt}` : 'Validation');
  if (list.error && !run) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!list.data) return <Card label="Validation"><Loading what="the validation" rows={8} /></Card>;
  if (!run) return <ErrorNote error={new AppError('NOT_FOUND', 'This validation is not in the data folder.', { hint: 'Choose one under Attempts.' })} />;
  const tone = verdictTone(run.verdict);
  const kept = run.limits.filter((limit) => limit.verdict === 'PASS').length;
  const best = run.bench?.best ?? run.bench?.points[0] ?? null;
  return (
    <>
      <PageHead title={model ? `Validation of ${model.name}` : 'Validation'} sub={<>{formatDateTime(run.takenAt)} · attempt {run.attempt} · limits {run.limitsLockedAt ? `locked ${formatDateTime(run.limitsLockedAt)}` : 'not locked before the run'}</>}>
        {run.exploratory && <Badge tone="warn">Exploratory</Badge>}
        <LinkButton href={routeHref('validate', null, { model: model?.id })}>Run again</LinkButton>
        {evidence ? <PrimaryLink href={routeHref('evidence', evidence.id)}>Open the evidence</PrimaryLink> : <PrimaryLink href={routeHref('evidence')}>Evidence</PrimaryLink>}
      </PageHead>
      <div className={`verdict ${tone}`}><span className="word"><ToneIcon tone={tone} size={22} />{run.verdict}</span><span className="dim grow">{kept} of {run.limits.length} limits are kept.{run.exploratory ? ' Exploratory: the limits were not locked before the run, so this proves nothing.' : ''}</span></div>
      <Stats>
        {run.accuracy && <Stat label="Accuracy" value={formatShare(run.accuracy.accuracy)} note={`${formatShare(run.accuracy.interval.low)} to ${formatShare(run.accuracy.interval.high)}, ${run.accuracy.interval.method}, n = ${formatCount(run.accuracy.samples)}`} />}
        {run.regression && <Stat label="Root mean square error" value={formatNumber(run.regression.rmse)} note={`mean absolute ${formatNumber(run.regression.mae)}, R² ${formatNumber(run.regression.r2)}`} />}
        {run.referenceAccuracy && run.accuracy && <Stat label="Reference" value={formatShare(run.referenceAccuracy.accuracy)} note={`difference ${formatNumber((run.accuracy.accuracy - run.referenceAccuracy.accuracy) * 100, 2)} points`} />}
        {run.compare && <Stat label="Changed decisions" value={formatCount(run.compare.flips.length)} note={`of ${formatCount(run.compare.samples)} samples`} />}
        {run.compare && <Stat label="SQNR" value={formatDb(run.compare.sqnrDb)} note={`cosine ${run.compare.cosine.toFixed(5)}`} />}
        {best && <Stat label="Latency p99" value={formatMs(best.latencyMs.p99)} note={`${best.provider}, batch ${best.batch}, ${plural(best.threads, 'thread')}, ${plural(best.latencyMs.samples, 'run')}`} />}
        {best && <Stat label="Peak memory" value={formatBytes(best.peakRssBytes)} note="of the worker process" />}
      </Stats>
      <Card title="Limits" unit="judged on the interval's bound, not on the point" flush><LimitTable limits={run.limits} /></Card>
      {run.taskResult && <TaskFigures result={run.taskResult} />}
      <div className="cols2">
        {run.accuracy && <Card title="Confusion" unit="rows: label, columns: decision"><Confusion confusion={run.accuracy.confusion} /></Card>}
        {run.accuracy && <Card title="By class" flush><DataTable label="Classes" tools={false} maxHeight={420} rows={run.accuracy.classes} rowKey={(each) => each.label} columns={[{ key: 'label', title: 'Class', value: (each) => each.label }, { key: 'n', title: 'Samples', value: (each) => each.support, numeric: true }, { key: 'p', title: 'Precision', value: (each) => each.precision, cell: (each) => formatShare(each.precision), numeric: true }, { key: 'r', title: 'Recall', value: (each) => each.recall, cell: (each) => formatShare(each.recall), numeric: true }, { key: 'f', title: 'F1', value: (each) => each.f1, cell: (each) => formatShare(each.f1), numeric: true }]} /></Card>}
        {run.bench && <LatencyCard bench={run.bench} />}
        {run.bench && <PercentileCard bench={run.bench} />}
        {run.bench && <ProviderCard bench={run.bench} />}
      </div>
      <CostDialCard key={run.id} run={run} />
      {run.report && run.explanations && <ExplanationsCard id={run.id} isNumber={run.regression !== null} />}
      <QualificationCards run={run} />
      {run.compare && run.compare.flips.length > 0 && <Card title="Decisions that changed" unit={`${run.compare.flips.length} of ${formatCount(run.compare.samples)}`} flush><DataTable label="Decisions that changed" rows={run.compare.flips} rowKey={(flip) => flip.sample} columns={[{ key: 's', title: 'Sample', value: (flip) => flip.sample, cell: (flip) => <code>{flip.sample}</code> }, { key: 'l', title: 'Label', value: (flip) => flip.label ?? 'none' }, { key: 'b', title: 'Reference', value: (flip) => flip.before }, { key: 'a', title: 'This model', value: (flip) => flip.after }, { key: 'm', title: 'Margin', value: (flip) => flip.margin, cell: (flip) => <code>{formatNumber(flip.margin, 3)}</code>, numeric: true }]} /></Card>}
      <Card title="Identities" unit="what this verdict is valid for"><KeyValue rows={[['Model', <HashText key="m" hash={run.modelSha256} length={16} />], run.referenceSha256 ? ['Reference', <HashText key="r" hash={run.referenceSha256} length={16} />] : null, ['Test set manifest', <HashText key="d" hash={run.manifestSha256} length={16} />], ['Limits', <HashText key="l" hash={run.limitsSha256} length={16} />], ['Machine', <HashText key="f" hash={run.machineFingerprint} length={16} />], run.runtime ? ['Session options', `${describeRuntime(run.runtime)}${run.runtime.origin === 'station' ? `; as ${run.runtime.station ?? 'the station'} serves` : ''}${run.runtime.note === null ? '' : `. ${run.runtime.note}`}`] : ['Session options', 'not recorded'], ['Decision', run.decision ? describeDecision(run.decision) : 'not recorded'], run.report ? ['Report', <PathText key="p" path={run.report.zip} />] : ['Report', 'not written']]} /></Card>
    </>
  );
}
