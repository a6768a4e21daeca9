// What a validation tells beside accuracy: where disturbed samples break the model, whether answers repeat, and the tool's own self-tests.
import type { ValidationOutput } from '#shared/contract/validation';
import { Card, KeyValue } from '../../ui/Card.tsx';
import { formatNumber, plural } from '../../ui/format.ts';
import { formatInterval, formatMetric, metricWords } from '../../ui/metrics.ts';
import { checkTone, StatusWord } from '../../ui/Status.tsx';

const checkWords = { pass: 'passed', warn: 'warning', fail: 'failed', unknown: 'not tried' } as const;

function RobustnessCard({ curves }: { readonly curves: ValidationOutput['robustness'] }) {
  const steps = Math.max(...curves.map(({ points }) => points.length));
  const [told] = curves.filter(({ points }) => points.length > 0);
  const undisturbed = told?.undisturbed === undefined ? '' : `, ${formatMetric(told.metric, told.undisturbed)} undisturbed`;
  return (
    <Card title="Disturbed samples" unit={told && `${metricWords[told.metric]} on ${plural(told.points[0]?.samples ?? 0, 'sample')} each${undisturbed}; broken means: ${told.breakRule}`} flush>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Disturbed samples"><table className="data">
        <thead><tr><th scope="col">Disturbance</th><th scope="col">Breaks at</th>{Array.from({ length: steps }, (_, step) => <th key={step} className="n" scope="col">{step === 0 ? 'Least' : step === steps - 1 ? 'Greatest' : `Step ${step + 1}`}</th>)}<th scope="col">Unit</th></tr></thead>
        <tbody>{curves.map(({ kind, unit, metric, points, breakPoint, notPerformed }) => (notPerformed !== undefined ? <tr key={kind}><td className="strong">{kind}</td><td>not performed</td><td className="wrap dim" colSpan={steps + 1}>{notPerformed}</td></tr> : (
          <tr key={kind}><td className="strong">{kind}</td><td>{breakPoint === null ? <StatusWord tone="ok">not reached</StatusWord> : <StatusWord tone="warn">{formatNumber(breakPoint)}</StatusWord>}</td>
            {Array.from({ length: steps }, (_, step) => { const point = points[step]; return <td key={step} className={`n ${point && breakPoint !== null && point.severity >= breakPoint ? 'tone-warn' : ''}`} title={point?.interval ? formatInterval(metric, point.interval) : undefined}>{point ? <>{formatMetric(metric, point.value)} <span className="dim">at {formatNumber(point.severity)}</span></> : '–'}</td>; })}
            <td className="dim">{unit}</td></tr>
        )))}</tbody></table></div>
    </Card>
  );
}

function SelfTestCard({ tests }: { readonly tests: ValidationOutput['selfTests'] }) {
  const failed = tests.filter(({ status }) => status === 'fail').length;
  return (
    <Card title="Self-tests of this installation" unit={failed === 0 ? 'none failed' : `${failed} failed`} flush>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Self-tests"><table className="data">
        <thead><tr><th scope="col">Id</th><th scope="col">Test</th><th scope="col">Result</th><th scope="col">Expected</th><th scope="col">What happened</th></tr></thead>
        <tbody>{tests.map(({ id, title, status, expected, actual }) => <tr key={id}><td><code>{id}</code></td><td className="strong">{title}</td><td><StatusWord tone={checkTone(status)}>{checkWords[status]}</StatusWord></td><td className="wrap">{expected}</td><td className="wrap dim">{actual}</td></tr>)}</tbody></table></div>
    </Card>
  );
}

export function QualificationCards({ run: { robustness, repeatability, selfTests } }: { readonly run: ValidationOutput }) {
  return (
    <>
      {robustness.length > 0 && <RobustnessCard curves={robustness} />}
      {repeatability && <Card title="Repeatability"><KeyValue rows={[
        ['Run', `${plural(repeatability.samples, 'sample')}, ${repeatability.runs} times each, in ${plural(repeatability.restarts + 1, 'process', 'processes')}`],
        ['Answers', <StatusWord key="a" tone={repeatability.bitExact ? 'ok' : 'warn'}>{repeatability.bitExact ? 'equal bit for bit' : `differ by up to ${formatNumber(repeatability.maxAbsError)}`}</StatusWord>],
      ]} /></Card>}
      {selfTests.length > 0 && <SelfTestCard tests={selfTests} />}
    </>
  );
}
