// Every screen, list, dialog and empty state that is looked at: how to get there, and what must be on it.
import type { Page } from 'playwright-core';
import { openPlace } from './screen.ts';

export interface Screen {
  readonly name: string;
  readonly open: (page: Page) => Promise<void>;
  /** Puts away what floats over the page. */
  readonly leave?: (page: Page) => Promise<void>;
}

const place = (name: string, place: string, words: string): Screen => ({ name, open: async (page) => { await openPlace(page, place); await page.getByText(words).first().waitFor(); } });
const tab = (name: string, place: string, label: RegExp, words: string | RegExp): Screen => ({ name, open: async (page) => { await openPlace(page, place); await page.getByRole('tab', { name: label }).click(); await page.getByText(words).first().waitFor(); } });
const row = (name: string, place: string, label: RegExp, words: string, tabName?: RegExp): Screen => ({
  name, open: async (page) => {
    await openPlace(page, place);
    await page.getByRole('row', { name: label }).first().click();
    if (tabName) await page.getByRole('tab', { name: tabName }).click();
    await page.getByText(words).first().waitFor();
  },
});
const escape = (page: Page) => page.keyboard.press('Escape');

const palette: Screen = { name: 'palette', open: async (page) => { await page.getByTestId('find').click(); await page.getByRole('listbox', { name: 'Matches' }).waitFor(); }, leave: escape };
const tasks = (name: string, words: string): Screen => ({
  name, open: async (page) => { await openPlace(page, 'stations'); await page.getByTestId('task-tray').click(); await page.getByText(words).first().waitFor(); },
  leave: (page) => page.getByRole('button', { name: 'Close the task list' }).click(),
});

/** A console in which nothing was done yet. */
export const emptyScreens: readonly Screen[] = [
  place('stations-empty', 'stations', 'Put the first station into service'),
  place('models-empty', 'models', 'No model yet'),
  place('datasets-empty', 'datasets', 'No data set yet'),
  place('optimise-empty', 'optimise', 'No model to optimise yet'),
  place('validate-empty', 'validate', 'No model to validate yet'),
  place('evidence-empty', 'evidence', 'No evidence yet'),
  tab('attempts-empty', 'validate', /^Attempts/, 'No run yet'),
  tasks('tasks-empty', 'No task has run yet'),
];

/** The nine places, the palette and the task tray, after the main job. */
export const mainScreens: readonly Screen[] = [
  row('stations', 'stations', /^Line 1 · Lot code reader/, 'one press, eight steps'),
  place('machine', 'machine', 'Container engine'),
  place('models', 'models', 'Difference of two models'),
  place('datasets', 'datasets', 'Lot codes, challenge'),
  { name: 'optimise', open: async (page) => { await openPlace(page, 'optimise'); await page.getByText('What was measured').or(page.getByText('model and goal')).first().waitFor(); } },
  place('validate', 'validate', 'Against which limits'),
  place('serving', 'serving', 'Serving'),
  row('evidence', 'evidence', /Validation of Lot code reader/, 'Verified now'),
  place('transfer', 'transfer', 'Transfer'),
  palette,
  tasks('tasks', 'running'),
];

/** What lies behind the places' tabs and rows, and what floats. */
export const innerScreens: readonly Screen[] = [
  place('stations-list', 'stations', 'What needs me'),
  row('station-setup', 'stations', /^Line 1 · Lot code reader/, 'Approved path', /^Model and data/),
  { name: 'station-create', open: async (page) => { await openPlace(page, 'stations'); await page.getByTestId('primary-action').click(); await page.getByText('What is decided here').waitFor(); } },
  tab('machine-preflight', 'machine', /^Preflight/, 'To look at'),
  tab('machine-inventory', 'machine', /^Inventory/, 'Runtime providers'),
  row('model', 'models', /^Lot code reader /, 'Operators'),
  row('model-nodes', 'models', /^Lot code reader /, 'GlobalAveragePool', /^Nodes/),
  row('model-lineage', 'models', /^Lot code reader \(/, 'Where it came from', /^Lineage/),
  { name: 'models-import', open: async (page) => { await openPlace(page, 'models'); await page.getByTestId('primary-action').click(); await page.getByText('Drop an ONNX file here').waitFor(); } },
  { name: 'choice-list', open: async (page) => { await openPlace(page, 'optimise'); await page.getByRole('button', { name: 'Change the settings' }).click(); await page.getByRole('combobox', { name: 'Calibration set' }).click(); await page.getByRole('option').first().waitFor(); }, leave: escape },
  row('dataset', 'datasets', /^Lot codes, test/, 'Samples by class'),
  row('dataset-samples', 'datasets', /^Lot codes, test/, 'Lot codes, test', /^Samples/),
  { name: 'optimise-settings', open: async (page) => { await openPlace(page, 'optimise'); await page.getByRole('button', { name: 'Change the settings' }).click(); await page.getByText('More settings').click(); await page.getByText('Time for measuring').waitFor(); } },
  tab('validate-limits', 'validate', /^Limits/, 'Text of the limits file'),
  tab('validate-attempts', 'validate', /^Attempts/, 'Locked before'),
  tab('validate-court', 'validate', /^Flip court/, /judge/),
  tab('validate-agreement', 'validate', /^Agreement/, 'New study'),
  tab('validate-benchmark', 'validate', /^Benchmark/, 'What to measure'),
  { name: 'validation', open: async (page) => { await openPlace(page, 'validate'); await page.getByRole('tab', { name: /^Attempts/ }).click(); await page.getByRole('row', { name: /Passed/ }).first().click(); await page.getByText('Identities').waitFor(); } },
  tab('evidence-deviations', 'evidence', /^Deviations/, 'Open a deviation'),
  tab('evidence-verify', 'evidence', /^Verify a file/, 'A file from anywhere'),
  tab('evidence-audit', 'evidence', /^Audit trail/, /entries/),
  { name: 'confirm', open: async (page) => { await openPlace(page, 'datasets'); await page.getByRole('row', { name: /^Lot codes, challenge/ }).click(); await page.getByRole('button', { name: 'Remove', exact: true }).click(); await page.getByText('Take it off the list?').waitFor(); }, leave: escape },
  place('settings', 'settings', 'This installation'),
  { name: 'help', open: async (page) => { await page.getByRole('link', { name: 'Help' }).click(); await page.getByText('Keyboard and help').first().waitFor(); } },
];
