// The operations of other nouns that stations are made of, by their contract; the host passes the real ones.
import type { JobName, OutputOf, ParsedInputOf, QueryName } from '#shared/contract/index';
import type { JobContext } from '../Services.ts';

type PeerQuery<N extends QueryName> = (input: ParsedInputOf<N>, context: { readonly signal: AbortSignal }) => Promise<OutputOf<N>>;
interface PeerJob<N extends JobName> { readonly run: (input: ParsedInputOf<N>, context: JobContext) => Promise<OutputOf<N>> }

type PeerQueries = 'machine.inspect' | 'models.get' | 'datasets.list' | 'datasets.get' | 'validation.lockLimits' | 'validation.listLimits' | 'evidence.list' | 'evidence.verify';
type PeerJobs = 'models.import' | 'datasets.add' | 'datasets.seal' | 'models.quantize' | 'models.compare' | 'validation.run' | 'benchmarks.run';
export type StationPeers = { readonly [N in PeerQueries]: PeerQuery<N> } & { readonly [N in PeerJobs]: PeerJob<N> };
