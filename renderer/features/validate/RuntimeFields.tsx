// How the runtime is set: empty fields are as the station serves, else as the serving runtime would choose.
import type { RuntimeWish } from '#shared/contract/runtimeOptions';
import { useOp } from '../../api/useOp.ts';
import { NumberField, SelectField } from '../../ui/Field.tsx';

type Wish = Pick<RuntimeWish, 'provider' | 'threads' | 'executionMode' | 'optimization'>;

/** `many`: threads are a list of their own on that screen. */
export function RuntimeFields({ wish, onChange, disabled, many = false }: { readonly wish: Wish; readonly onChange: (wish: Wish) => void; readonly disabled: boolean; readonly many?: boolean }) {
  const providers = useOp('machine.inspect', {}).data?.providers ?? [];
  return (
    <div className="row wrap" style={{ alignItems: 'flex-start' }}>
      <div style={{ width: 150 }}><SelectField label="Provider" clearable placeholder="As served" choices={providers.map(({ name, available }) => ({ value: name, label: name, disabled: !available }))} value={wish.provider ?? null} onChange={(provider) => onChange({ ...wish, provider: provider ?? undefined })} disabled={disabled} /></div>
      {!many && <div style={{ width: 120 }}><NumberField whole label="Threads" optional value={wish.threads ?? null} min={0} max={256} onChange={(threads) => onChange({ ...wish, threads: threads === null ? undefined : Math.round(threads) })} help="Empty: as served" disabled={disabled} /></div>}
      <div style={{ width: 150 }}><SelectField label="Execution" clearable placeholder="As served" choices={[{ value: 'sequential', label: 'Sequential' }, { value: 'parallel', label: 'Parallel' }]} value={wish.executionMode ?? null} onChange={(mode) => onChange({ ...wish, executionMode: (mode ?? undefined) as Wish['executionMode'] })} disabled={disabled} /></div>
      <div style={{ width: 150 }}><SelectField label="Graph optimization" clearable placeholder="As served" choices={[{ value: 'all', label: 'All' }, { value: 'extended', label: 'Extended' }, { value: 'basic', label: 'Basic' }, { value: 'disabled', label: 'Disabled' }]} value={wish.optimization ?? null} onChange={(level) => onChange({ ...wish, optimization: (level ?? undefined) as Wish['optimization'] })} disabled={disabled} /></div>
    </div>
  );
}

/** Undefined where nothing was chosen, so that the run is as the station serves. */
export function wishOrNothing(wish: Wish): Wish | undefined {
  return Object.values(wish).some((value) => value !== undefined) ? wish : undefined;
}
