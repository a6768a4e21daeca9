// A station as tests need one.
import type { StationRecord } from '#shared/contract/stations';

export const fakeStation = (change: Partial<StationRecord> = {}): StationRecord => ({
  id: 'station-1', name: 'Line 1', line: '', description: '', createdAt: '2026-01-02T03:04:05.000Z', status: 'new', verdict: null, modelId: null, candidateModelId: null,
  calibrationId: null, testId: null, challengeId: null, limitsId: null, taktMs: null, threshold: null, evidenceId: null, sample: false, ...change,
});
