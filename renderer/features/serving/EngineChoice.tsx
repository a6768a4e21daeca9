// Which engine serves the model, and where its image is: ours, or one that the plant has brought.
import { engineFacts, engineIds, type EngineId } from '#shared/engines';
import { Note } from '../../ui/Card.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';

/** `id` null: as the station is served now. */
export interface Engine { readonly id: EngineId | null; readonly image: string }

const asNow = '+now';
const takesOnnx = (id: EngineId) => engineFacts[id].formats.includes('onnx');
const choices = engineIds.map((id) => ({ value: id, label: takesOnnx(id) ? engineFacts[id].title : `${engineFacts[id].title} · takes no ONNX`, disabled: !takesOnnx(id) }));
const isEngine = (value: string): value is EngineId => engineIds.some((id) => id === value);

export function EngineChoice({ value, onChange, isUpdate }: { readonly value: Engine; readonly onChange: (value: Engine) => void; readonly isUpdate: boolean }) {
  const other = value.id !== null && value.id !== 'millwright';
  return (
    <>
      <div className="cols3">
        <SelectField label="Engine" value={value.id ?? asNow} onChange={(id) => onChange({ ...value, id: id !== null && isEngine(id) ? id : null })} choices={[...(isUpdate ? [{ value: asNow, label: 'As now' }] : []), ...choices]} />
        {other && <TextField label="Image" mono value={value.image} onChange={(image) => onChange({ ...value, image })} placeholder="/media/stick/engine.tar" help="a file on this machine, or a name that the container engine knows; empty: as last time, or its usual name" />}
      </div>
      {other && <Note>{engineFacts[value.id].title} runs behind the same gateway, with the same limits. What of the hardening it does not tolerate is told under Versions once it serves. Files of other formats are deployed with <code>millwright deploy FILE --engine NAME</code>.</Note>}
    </>
  );
}

/** As `serving.deploy` takes it. */
export const engineInput = ({ id, image }: Engine): { engine?: EngineId; engineImage?: string } => (id === null ? {} : { engine: id, ...(id === 'millwright' || image.trim() === '' ? {} : { engineImage: image.trim() }) });
