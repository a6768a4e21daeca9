// The figures of a task that is not judged by accuracy: each metric with its interval, and what they are made of.
import type { TaskResult } from '#shared/contract/validation';
import { Card } from '../../ui/Card.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatNumber, formatShare } from '../../ui/format.ts';
import { metricWords } from '../../ui/metrics.ts';

const cellOf = (value: string | number | null | undefined) => (typeof value !== 'number' ? value ?? '–' : Number.isInteger(value) ? formatCount(value) : formatNumber(value, 4));

export function TaskFigures({ result }: { readonly result: TaskResult }) {
  const [first = '', ...others] = result.columns;
  const rows = result.rows.map((cells, index) => ({ index, name: String(cells[0] ?? ''), numbers: cells.slice(1) }));
  return (
    <div className="cols2">
      <Card title="Figures" unit={`${result.task}, ${formatCount(result.samples)} samples`} flush>
        <DataTable label="Figures" tools={false} rows={result.figures} rowKey={({ metric }) => metric} columns={[
          { key: 'metric', title: 'Metric', value: ({ metric }) => metricWords[metric] },
          { key: 'value', title: 'Value', value: ({ value }) => value, cell: ({ value }) => formatNumber(value, 4), numeric: true },
          { key: 'interval', title: 'Interval', value: ({ interval }) => interval?.low ?? null, cell: ({ interval, note }) => (interval === null ? note ?? 'not computed' : `${formatNumber(interval.low, 4)} to ${formatNumber(interval.high, 4)}, ${formatShare(interval.confidence, 0)}`), numeric: true },
        ]} />
      </Card>
      <Card title="One by one" flush>
        <DataTable label="One by one" tools={false} maxHeight={420} rows={rows} rowKey={({ index }) => String(index)} columns={[
          { key: 'name', title: first, value: ({ name }) => name },
          ...others.map((title, at) => ({ key: title, title, value: ({ numbers }: (typeof rows)[number]) => numbers[at] ?? null, cell: ({ numbers }: (typeof rows)[number]) => cellOf(numbers[at]), numeric: true })),
        ]} />
      </Card>
    </div>
  );
}
