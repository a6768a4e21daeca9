// The settings of an optimisation in the order one thinks of them; what is seldom needed is folded.
import { calibrationMethods, integerRecipes, recipes } from '#shared/contract/optimize';
import type { DatasetRecord } from '#shared/contract/datasets';
import type { ModelRecord } from '#shared/contract/models';
import { Button } from '../../ui/Button.tsx';
import { Card, Note } from '../../ui/Card.tsx';
import { CheckField, NumberField, SelectField } from '../../ui/Field.tsx';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { Segmented } from '../../ui/Tabs.tsx';
import { goalWords, methodWords, recipeHelp, recipeWords, reducesRange, type Choices, type Goal } from './recipeText.ts';

export function OptimiseForm({ models, datasets, modelId, choices, busy, onModel, onChange }: { readonly models: readonly ModelRecord[]; readonly datasets: readonly DatasetRecord[]; readonly modelId: string | null; readonly choices: Choices; readonly busy: boolean; readonly onModel: (id: string | null) => void; readonly onChange: (part: Partial<Choices>) => void }) {
  const calibration = datasets.find((set) => set.id === choices.calibrationId);
  const needsData = choices.recipe === 'static-int8' && !calibration;
  const few = calibration !== undefined && calibration.check.samples < 100;
  return (
    <div className="cols2">
      <Card title="What" unit="model and goal">
        <div className="stack">
          <SelectField label="Model" disabled={busy} choices={models.map((model) => ({ value: model.id, label: `${model.name} · ${model.summary.precision} · ${formatBytes(model.summary.sizeBytes)}` }))} value={modelId} onChange={onModel} />
          <div className="field"><span className="label">Goal</span><div className="row wrap"><Segmented label="Goal" value={choices.goal} onChange={(goal) => onChange({ goal })} items={(Object.keys(goalWords) as Goal[]).map((key) => ({ key, label: goalWords[key], disabled: busy }))} /></div></div>
          <div style={{ width: 220 }}><NumberField label="Accuracy lost at most" unit="points" value={choices.maxDropPercent} min={0} max={100} step={0.1} disabled={busy} onChange={(maxDropPercent) => maxDropPercent !== null && onChange({ maxDropPercent })} /></div>
        </div>
      </Card>
      <Card title="How" unit="calibration and recipe">
        <div className="stack">
          <SelectField label="Calibration set" clearable disabled={busy} placeholder={datasets.length === 0 ? 'No data set yet: only recipes without data' : 'None: only recipes without data'} choices={datasets.filter((set) => set.purpose === 'calibration').map((set) => ({ value: set.id, label: `${set.name} · ${formatCount(set.check.samples)} samples${set.seal ? ' · sealed' : ''}` }))} value={choices.calibrationId} onChange={(calibrationId) => onChange({ calibrationId })} />
          <div className="field"><span className="label">Recipe</span><div className="row wrap"><Segmented label="Recipe" value={choices.recipe} onChange={(recipe) => onChange({ recipe })} items={recipes.map((key) => ({ key, label: recipeWords[key], disabled: busy }))} /></div><span className="help">{recipeHelp[choices.recipe]}</span></div>
          {needsData && <Note tone="warn">Calibrated INT8 needs a calibration set: 100 to 500 typical samples, not those of the test.</Note>}
          {few && <Note tone="warn">{formatCount(calibration.check.samples)} samples are few; {100 - calibration.check.samples} more make the ranges steadier.</Note>}
          <details>
            <summary className="dim">More settings</summary>
            <div className="stack" style={{ marginTop: 10 }}>
              <div className="cols2"><SelectField label="Ranges by" choices={calibrationMethods.map((value) => ({ value, label: methodWords[value] }))} value={choices.method} onChange={(method) => method && onChange({ method: method as Choices['method'] })} />
                <NumberField whole label="Calibration samples" optional value={choices.samples} min={1} max={1_000_000} step={50} onChange={(samples) => onChange({ samples: samples === null ? null : Math.round(samples) })} help="Empty: all of them" /></div>
              <CheckField label="Weights per channel (steadier; off only for runtimes that cannot)" checked={choices.perChannel} onChange={(perChannel) => onChange({ perChannel })} />
              <CheckField label="INT8 weights in 7 bits (exact in every program, less accurate)" disabled={!integerRecipes.includes(choices.recipe)} checked={reducesRange(choices)} onChange={(reduceRange) => onChange({ reduceRange })} />
              <div style={{ width: 220 }}><NumberField whole label="Time for measuring" unit="s" value={choices.budgetS} min={5} max={3600} step={10} onChange={(budgetS) => budgetS !== null && onChange({ budgetS })} /></div>
              <CheckField label="Measure what each layer alone does to the output (a run of the model for each)" checked={choices.blame} onChange={(blame) => onChange({ blame })} />
              {choices.exclude.length > 0 && <div className="row top"><p className="dim small grow">Kept in float by hand: {choices.exclude.join(', ')}</p><Button size="tiny" onClick={() => onChange({ exclude: [] })}>Keep none</Button></div>}
            </div>
          </details>
        </div>
      </Card>
    </div>
  );
}
