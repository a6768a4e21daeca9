// Two models to choose, and the structural difference between them.
import type { ModelRecord } from '#shared/contract/models';
import { useRoute } from '../../app/routes.ts';
import { StructureDiff } from '../../app/StructureDiff.tsx';
import { Card } from '../../ui/Card.tsx';
import { SelectField } from '../../ui/Field.tsx';

export function DiffView({ models, fixedA }: { readonly models: readonly ModelRecord[]; readonly fixedA?: string }) {
  const { query, setQuery } = useRoute();
  const a = fixedA ?? query.a ?? null;
  const b = query.b ?? null;
  const choices = models.map((model) => ({ value: model.id, label: `${model.name} · ${model.summary.precision}` }));
  return (
    <Card title="Difference of two models" unit="structure, weights, opset" flush>
      <StructureDiff a={a} b={b}>
        {!fixedA && <div style={{ width: 300 }}><SelectField label="First" choices={choices} value={a} onChange={(value) => setQuery({ a: value })} /></div>}
        <div style={{ width: 300 }}><SelectField label={fixedA ? 'Compare with' : 'Second'} choices={choices.filter((choice) => choice.value !== a)} value={b} onChange={(value) => setQuery({ b: value })} /></div>
      </StructureDiff>
    </Card>
  );
}
