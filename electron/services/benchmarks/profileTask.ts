// Task: where did it run? Share of nodes and of time per execution provider, read from the runtime's own profile.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ProviderShare } from '#shared/contract/benchmarks';
import type { Feeds } from '#shared/tensor';
import { createNativeSession, type SessionOptions } from '../inference/nativeSession.ts';
import type { TaskContext } from '../workers/Task.ts';

export interface ProfileInput { readonly session: SessionOptions; readonly feeds: readonly Feeds[]; readonly runs: number }

const eventSchema = z.object({ cat: z.string().optional(), name: z.string().optional(), dur: z.number().optional(), args: z.object({ provider: z.string().optional() }).passthrough().optional() });

/** Events of category Node named …_kernel_time carry the provider and the duration in microseconds (onnxruntime profiling format). */
export function sharesOf(events: readonly unknown[]): ProviderShare[] {
  const providers = new Map<string, { nodes: Set<string>; us: number }>();
  for (const raw of events) {
    const parsed = eventSchema.safeParse(raw);
    if (!parsed.success) continue;
    const { cat, name, dur, args } = parsed.data;
    if (cat !== 'Node' || !name?.endsWith('_kernel_time') || !args?.provider) continue;
    const share = providers.get(args.provider) ?? { nodes: new Set<string>(), us: 0 };
    share.nodes.add(name);
    share.us += dur ?? 0;
    providers.set(args.provider, share);
  }
  const all = [...providers.values()];
  const nodes = all.reduce((sum, share) => sum + share.nodes.size, 0);
  const us = all.reduce((sum, share) => sum + share.us, 0);
  return [...providers].map(([provider, share]) => ({
    provider: provider.replace(/ExecutionProvider$/, '').toLowerCase(), nodes: share.nodes.size, nodeShare: share.nodes.size / nodes, timeMs: share.us / 1000, timeShare: us === 0 ? 0 : share.us / us,
  })).sort((a, b) => b.timeShare - a.timeShare);
}

export async function profileTask({ session: options, feeds, runs }: ProfileInput, { signal }: TaskContext): Promise<ProviderShare[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-profile-'));
  try {
    const session = await createNativeSession({ ...options, profilePrefix: join(folder, 'profile') });
    try {
      for (let run = 0; run < runs; run++) {
        signal.throwIfAborted();
        await session.run(feeds[run % feeds.length]!);
      }
      session.endProfiling();
    } finally {
      await session.release();
    }
    const file = readdirSync(folder).find((name) => name.endsWith('.json'));
    return file ? sharesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown[]) : [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
