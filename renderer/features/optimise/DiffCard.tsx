// What the optimisation changed in the file: the structural difference of original and result, read when it is asked for.
import { useRoute } from '../../app/routes.ts';
import { StructureDiff } from '../../app/StructureDiff.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';

export function DiffCard({ a, b }: { readonly a: string; readonly b: string }) {
  const { query, setQuery } = useRoute();
  const open = query.diff === '1';
  return (
    <Card flush title="What changed in the file" unit="original against result: nodes, weights, opset" aside={<Button size="tiny" aria-expanded={open} onClick={() => setQuery({ diff: open ? null : '1' })}>{open ? 'Hide the difference' : 'Show the difference'}</Button>}>
      {open && <StructureDiff a={a} b={b} />}
    </Card>
  );
}
