// The option by which a person says why; it stands in the audit trail beside what was changed.
import { Option } from 'commander';

export interface ReasonOption { readonly reason?: string }
export const reasonOption = (): Option => new Option('--reason <text>', 'why; it goes into the audit trail');
